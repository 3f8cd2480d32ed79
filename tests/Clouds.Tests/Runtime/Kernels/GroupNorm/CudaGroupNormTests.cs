using Clouds.Emulator;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Emulated)]
public unsafe class CudaGroupNormTests
{
    private const float Epsilon = 1e-5f;

    // Single precision; sums of up to 60,000 terms in another order than the twin's.
    private const double Tolerance = 2e-6;

    [NvrtcTheory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(2, 70, 2, 33)]
    [InlineData(1, 12, 2, 10_000)]
    [InlineData(3, 5, 5, 4096)]
    public void Run_AnySchedule_GivesTheSameBitsNearTheTwins(int images, int channels, int groups, int pixels)
    {
        GroupNormShape shape = new(images, channels, groups, pixels);
        Inputs inputs = new(shape);
        float[][] expected = inputs.OnCpu();
        float[][]? first = null;
        for (ulong seed = 1; seed <= 6; seed++)
        {
            using EmulatedGpu gpu = new(new EmulatorSettings { Seed = seed, DetectRaces = seed <= 2 });
            float[][] found = inputs.OnGpu(gpu);
            first ??= found;
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.Equal(first[i], found[i]);
                Near.All(expected[i], found[i], Tolerance);
            }
        }
    }

    [NvrtcFact]
    public void Run_ValuesFarFromZero_KeepTheirDigits()
    {
        // Deviation 1 about 1,000: the sum of squares less the square of the sum would have no digit left.
        GroupNormShape shape = new(1, 4, 2, 6000);
        Inputs inputs = new(shape, offset: 1000);
        using EmulatedGpu gpu = new();
        float[][] found = inputs.OnGpu(gpu);
        float[][] expected = inputs.OnCpu();
        Near.All(expected[0], found[0], 1e-4);
        Near.All(expected[1], found[1], 1e-4);
    }

    [Fact]
    public void Plan_QuarterResolutionMaps_TakeABlockForEveryChunkOfAPlane()
    {
        (LaunchPlan chunks, LaunchPlan groups, LaunchPlan channels) = CudaGroupNorm.Plan(new GroupNormShape(8, 256, 32, 192 * 192));
        Assert.Equal((8u * 256 * 9, 256u), (chunks.GridX, chunks.BlockX));
        Assert.Equal((8u * 32, 32u), (groups.GridX, groups.BlockX));
        Assert.Equal((4u, 64u), (channels.GridX, channels.BlockX));
    }

    [NvrtcFact]
    public void Forward_PlanesBehindTwoToTheThirtyTwo_AreReached()
    {
        GroupNormShape shape = new((1 << 20) + 1, 1, 1, 4096), one = new(1, 1, 1, 4096);
        long before = shape.Elements - one.Elements;
        Assert.True(before >= 1L << 32);
        Inputs inputs = new(one);
        long last = shape.Images - 1;
        Dictionary<string, long> blocks = new() { ["group_norm_sums"] = last, ["group_norm_groups"] = last, ["group_norm"] = last };
        using EmulatedGpu gpu = new(new EmulatorSettings { MemoryBytes = 1L << 39, FirstBlocks = blocks });
        using DeviceBuffer<float> x = gpu.Context.Allocate<float>(shape.Elements);
        using DeviceBuffer<float> y = gpu.Context.Allocate<float>(shape.Elements);
        using DeviceBuffer<float> parameters = gpu.Upload<float>([inputs.Scale.Values[0], inputs.Shift.Values[0]]);
        using DeviceBuffer<float> scratch = gpu.Context.Allocate<float>(CudaGroupNorm.ForwardFloats(shape));
        gpu.Stream.Upload<float>(inputs.X.Values, x.Span.Slice(before, one.Elements));
        CudaGroupNorm.Forward(
            gpu.Kernels, gpu.Stream, shape, x.Span, parameters.Span.Slice(0, 1), parameters.Span.Slice(1, 1), y.Span, scratch.Span, Epsilon);
        float[] found = new float[one.Elements];
        gpu.Stream.Download(y.Span.Slice(before, one.Elements), found);
        Near.All(inputs.OnCpu()[0], found, Tolerance);
    }

    private sealed class Inputs(GroupNormShape shape, float offset = 0)
    {
        public Pinned<float> X { get; } = new([.. Pinned.Normal((int)shape.Elements, 1).Values.Select(value => value + offset)]);

        public Pinned<float> DY { get; } = Pinned.Normal((int)shape.Elements, 2);

        public Pinned<float> Scale { get; } = Pinned.Normal(shape.Channels, 3);

        public Pinned<float> Shift { get; } = Pinned.Normal(shape.Channels, 4);

        /// <summary>y and the gradients of x, scale and shift.</summary>
        public float[][] OnCpu()
        {
            (Pinned<float> y, Pinned<float> dX) = (new((int)shape.Elements), new((int)shape.Elements));
            (Pinned<float> dScale, Pinned<float> dShift, Pinned<float> planes) = (new(shape.Channels), new(shape.Channels), new((int)shape.PlaneFloats));
            GroupNorm.Forward(shape, X.Span, Scale.Span, Shift.Span, y.Span, Epsilon, 0, shape.Units);
            GroupNorm.Backward(shape, DY.Span, X.Span, Scale.Span, dX.Span, planes.Span, Epsilon, 0, shape.Units);
            GroupNorm.SumPlanes(shape, planes.Span, dScale.Span, dShift.Span);
            return [y.Values, dX.Values, dScale.Values, dShift.Values];
        }

        public float[][] OnGpu(EmulatedGpu gpu)
        {
            using DeviceBuffer<float> x = gpu.Upload<float>(X.Values);
            using DeviceBuffer<float> dy = gpu.Upload<float>(DY.Values);
            using DeviceBuffer<float> scale = gpu.Upload<float>(Scale.Values);
            using DeviceBuffer<float> shift = gpu.Upload<float>(Shift.Values);
            using DeviceBuffer<float> y = gpu.Context.Allocate<float>(shape.Elements);
            using DeviceBuffer<float> dx = gpu.Context.Allocate<float>(shape.Elements);
            using DeviceBuffer<float> dScale = gpu.Context.Allocate<float>(shape.Channels);
            using DeviceBuffer<float> dShift = gpu.Context.Allocate<float>(shape.Channels);
            using DeviceBuffer<float> forward = gpu.Context.Allocate<float>(CudaGroupNorm.ForwardFloats(shape));
            using DeviceBuffer<float> backward = gpu.Context.Allocate<float>(CudaGroupNorm.BackwardFloats(shape));
            CudaGroupNorm.Forward(gpu.Kernels, gpu.Stream, shape, x.Span, scale.Span, shift.Span, y.Span, forward.Span, Epsilon);
            CudaGroupNorm.Backward(gpu.Kernels, gpu.Stream, shape, dy.Span, x.Span, scale.Span,
                new DeviceNormGradients { X = dx.Span, Scale = dScale.Span, Shift = dShift.Span }, backward.Span, Epsilon);
            return [gpu.Download(y), gpu.Download(dx), gpu.Download(dScale), gpu.Download(dShift)];
        }
    }
}
