using Clouds.Diagnostics;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;

namespace Clouds.Tests.Runtime.Sessions;

[Kind(TestKind.Fast)]
public unsafe class ParameterArenaTests
{
    [Fact]
    public void Layout_IsAlignedZeroedAndInOrder()
    {
        using ParameterArena arena = new([("a", [3, 5], 0), ("none", [0, 4], 0), ("scalar", [], 1), ("b", [64], 1)], teacher: true);
        Assert.Equal([0, 64, 64, 128], arena.Slots.Select(slot => slot.Offset));
        Assert.Equal([15, 0, 1, 64], arena.Slots.Select(slot => slot.Length));
        Assert.Equal((192, 80), (arena.Floats, arena.ParameterCount));
        Assert.Equal(0, (long)arena.Pointer(ArenaPart.Teacher, "b") % 64);
        arena.Span(ArenaPart.Parameters, "b").Fill(1);
        Assert.Equal(64, arena.Buffer(ArenaPart.Parameters).Span<float>(0, 192).ToArray().Sum());
    }

    [Fact]
    public void Names_UnknownOrTwice_AreRefused()
    {
        Assert.Throws<CloudsException>(() => new ParameterArena([("a", [1], 0), ("a", [2], 0)]));
        using ParameterArena arena = new([("a", [1], 0)], training: false);
        Assert.Throws<CloudsException>(() => arena.Slot("b"));
        Assert.Throws<CloudsException>(() => arena.Buffer(ArenaPart.Gradients));
        Assert.False(arena.Has(ArenaPart.Teacher));
    }

    [Fact]
    public void BindTo_ThenStep_TrainsTheGraphInPlace()
    {
        // y = (w · x), d(0.5 y²)/dw = y · x: thirty steps bring y near zero without any copy between graph and optimiser.
        byte[] model = new TinyModel().Input("w", 1).Input("x", 1).Output("y", 1).Output("d.w", 1)
            .Node("Mul", ["w", "x"], ["y"]).Node("Mul", ["y", "x"], ["d.w"]).ToBytes();
        using ParameterArena arena = new([("w", [1], 0)]);
        arena.Span(ArenaPart.Parameters, "w")[0] = 0.25f;
        float[] y = new float[1];
        using GraphSession session = Device.Cpu.CreateSession(model);
        arena.BindTo(session, ArenaPart.Parameters, name => "d." + name);
        session.Bind<float>("x", new float[] { 2 }, 1);
        session.Bind<float>("y", y, 1);
        using ArenaOptimizer optimizer = arena.CreateOptimizer();
        for (int step = 1; step <= 30; step++)
        {
            session.Run();
            Assert.False(optimizer.Step(new OptimizerSettings(ClipMode.FullModel, 1), [new(0.02, 0)], step).Skipped);
        }

        session.Run();
        Assert.InRange(Math.Abs(y[0]), 0, 0.2f);
    }

    [Fact]
    public void NativeBuffer_OutOfBoundsOrDisposed_IsRefused()
    {
        NativeBuffer buffer = new(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Span<float>(1, 2).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Span<byte>(-1, 2).Length);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Span<byte>(0, 1).Length);
        using NativeBuffer empty = new(0);
        Assert.Equal(0, empty.Span<float>(0, 0).Length);
    }
}
