using Clouds.Diagnostics;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;

namespace Clouds.Tests.Runtime.Sessions;

[Kind(TestKind.Fast)]
public unsafe class GraphSessionTests
{
    [Fact]
    public void Run_BoundBuffers_AreReadAndWrittenInPlaceEveryTime()
    {
        using GraphSession session = Device.Cpu.CreateSession(Sum());
        float[] x = [1, 2];
        float[] z = new float[2];
        using NativeBuffer native = new(2 * sizeof(float));
        session.Bind<float>("x", x, 2);
        session.Bind("y", (float*)native.Pointer, 2);
        session.Bind<float>("z", z, 2);
        native.Span<float>(0, 2)[1] = 5;
        session.Run();
        Assert.Equal([1, 7], z);
        x[0] = 10;
        session.Run();
        Assert.Equal([10, 7], z);
        session.Bind<float>("x", new float[] { 100, 100 }, 2);
        session.Run();
        Assert.Equal([100, 105], z);
    }

    [Fact]
    public void Ports_AreListedWithOpenDimensions()
    {
        using GraphSession session = Device.Cpu.CreateSession(new TinyModel().Input("x", -1, 3).Output("y", -1, 3).Node("Neg", ["x"], ["y"]).ToBytes());
        Assert.Equal("x [-1, 3]", session.Inputs[0].ToString());
        Assert.Equal(typeof(float), session.Outputs[0].Type);
        session.Bind<float>("x", new float[] { 1, 2, 3, 4, 5, 6 }, 2, 3);
        session.BindAllocated("y");
        session.Run();
        Assert.Equal([-1, -2, -3, -4, -5, -6], session.Read<float>("y", out long[] shape));
        Assert.Equal([2, 3], shape);
    }

    [Fact]
    public void Bind_WhatDoesNotFit_IsRefusedWithBothShapes()
    {
        using GraphSession session = Device.Cpu.CreateSession(Sum());
        Assert.Contains("[3] in 3", Assert.Throws<CloudsException>(() => session.Bind<float>("x", new float[3], 3)).Message, StringComparison.Ordinal);
        Assert.Throws<CloudsException>(() => session.Bind<float>("x", new float[3], 2));
        Assert.Throws<CloudsException>(() => session.Bind<long>("x", new long[2], 2));
        Assert.Contains("x [2]", Assert.Throws<CloudsException>(() => session.Bind<float>("nobody", new float[2], 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_PortsNotBound_NamesThem()
    {
        using GraphSession session = Device.Cpu.CreateSession(Sum());
        session.Bind<float>("x", new float[2], 2);
        Assert.Contains("y, z", Assert.Throws<CloudsException>(() => session.Run()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_CancelledBefore_Throws()
    {
        using GraphSession session = Device.Cpu.CreateSession(Sum());
        Assert.ThrowsAny<OperationCanceledException>(() => session.Run(new CancellationToken(true)));
    }

    [Fact]
    public void Run_CancelledInTheMiddle_StopsBetweenNodes()
    {
        // 4,000 products of 256 x 256 take far longer than the 30 ms that the test waits.
        TinyModel model = new TinyModel().Input("x0", 256, 256).Output("x4000", 256, 256);
        for (int i = 0; i < 4000; i++)
        {
            model.Node("MatMul", [$"x{i}", "x0"], [$"x{i + 1}"]);
        }

        using GraphSession session = Device.Cpu.CreateSession(model.ToBytes(), new SessionSettings { Optimize = false, Threads = 1 });
        session.Bind<float>("x0", new float[256 * 256], 256, 256);
        session.Bind<float>("x4000", new float[256 * 256], 256, 256);
        // A thread of its own: the pool may be busy with other tests for longer than the run lasts.
        using CancellationTokenSource source = new();
        Thread canceller = new(() =>
        {
            Thread.Sleep(30);
            source.Cancel();
        });
        canceller.Start();
        Assert.ThrowsAny<OperationCanceledException>(() => session.Run(source.Token));
        canceller.Join();
        session.Run();
    }

    [Fact]
    public void Create_BytesThatAreNoModel_IsBadInput()
    {
        Assert.Equal(Failure.BadInput, Assert.Throws<CloudsException>(() => Device.Cpu.CreateSession([1, 2, 3])).Failure);
        Assert.Equal(Failure.BadInput, Assert.Throws<CloudsException>(() => Device.Cpu.OpenSession("/nowhere/model.onnx")).Failure);
    }

    [Fact]
    public void Open_ModelFileWithExternalData_ReadsItBesideTheModel()
    {
        using TemporaryFolder folder = new();
        float[] weights = new float[1026];
        (weights[1024], weights[1025]) = (3, 4);
        File.WriteAllBytes(folder["weights.bin"], System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(weights).ToArray());
        TinyModel model = new TinyModel().Input("x", 2).External("w", "weights.bin", 4096, 2).Output("y", 2).Node("Mul", ["x", "w"], ["y"]);
        File.WriteAllBytes(folder["model.onnx"], model.ToBytes());
        float[] y = new float[2];
        using GraphSession session = Device.Cpu.OpenSession(folder["model.onnx"]);
        session.Bind<float>("x", new float[] { 1, 2 }, 2);
        session.Bind<float>("y", y, 2);
        session.Run();
        Assert.Equal([3, 8], y);
    }

    [Fact]
    public void RuntimeFacts_NameTheVersionAndTheProviders()
    {
        RuntimeFacts facts = RuntimeFacts.Collect();
        Assert.StartsWith("1.", facts.OnnxRuntimeVersion, StringComparison.Ordinal);
        Assert.Contains("CPUExecutionProvider", facts.Providers);
        Assert.True(facts.VectorBits is 128 or 256 or 512);
    }

    private static byte[] Sum() => new TinyModel().Input("x", 2).Input("y", 2).Output("z", 2).Node("Add", ["x", "y"], ["z"]).ToBytes();
}
