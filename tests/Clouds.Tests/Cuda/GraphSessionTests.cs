using Clouds.Diagnostics;
using Clouds.Emulator.Driver;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Tests.Runtime;

namespace Clouds.Tests.Cuda;

/// <summary>What our sessions do with memory on the CUDA provider. Identity is a copy there, which the stand-in makes too.</summary>
[Kind(TestKind.Gpu)]
[Collection(CudaStandIn.Collection)]
public class GraphSessionTests
{
    private static readonly byte[] Copying = new TinyModel().Input("x", 4).Output("y", 4).Node("Identity", ["x"], ["y"]).ToBytes();

    private static readonly byte[] Computing = new TinyModel().Input("x", 1, 2, 8, 8).Input("w", 2, 2, 3, 3).Output("y", 1, 2, 8, 8)
        .Node("Conv", ["x", "w"], ["c"], ("pads", new long[] { 1, 1, 1, 1 })).Node("MatMul", ["c", "c"], ["m"])
        .Node("Softmax", ["m"], ["y"]).ToBytes();

    [CudaFact]
    public void Run_HostArrayRewritten_TheGraphSeesIt()
    {
        using Device device = Device.Open(DeviceName.Cuda());
        using GraphSession session = device.CreateSession(Copying, new SessionSettings { UseCustomOps = false });
        float[] x = new float[4], y = new float[4];
        session.Bind<float>("x", x, 4);
        session.Bind<float>("y", y, 4);
        foreach (float[] values in (float[][])[[1, 2, 3, 4], [10, 20, 30, 40]])
        {
            values.CopyTo(x, 0);
            session.Run();
            Assert.Equal(values, y);
        }
    }

    [CudaFact(CudaNeeds.StandIn)]
    public void Run_HostArrays_AreCopiedOnceARun()
    {
        using Device device = Device.Open(DeviceName.Cuda());
        using GraphSession session = device.CreateSession(Copying, new SessionSettings { UseCustomOps = false });
        session.Bind<float>("x", new float[4], 4);
        session.Bind<float>("y", new float[4], 4);
        session.Run();
        CudaStandIn.Reset();
        session.Run();
        session.Run();
        DriverCounters counters = CudaStandIn.Counters;
        Assert.Equal((2, 2 * 16), (counters.Uploads, counters.UploadedBytes));
        Assert.Equal((2, 2 * 16), (counters.Downloads, counters.DownloadedBytes));
    }

    [CudaFact(CudaNeeds.StandIn)]
    public void Run_MemoryOfTheGpu_IsUsedWhereItLies()
    {
        using Device device = Device.Open(DeviceName.Cuda());
        using GraphSession session = device.CreateSession(Copying, new SessionSettings { UseCustomOps = false });
        using DeviceBuffer<float> x = device.Gpu!.Context.Allocate<float>(4), y = device.Gpu.Context.Allocate<float>(4);
        session.Bind("x", x.Span, 4);
        session.Bind("y", y.Span, 4);
        device.Gpu.Stream.Upload<float>([1, 2, 3, 4], x.Span);
        CudaStandIn.Reset();
        session.Run();
        DriverCounters counters = CudaStandIn.Counters;
        Assert.Equal((0, 0, 16), (counters.Uploads, counters.Downloads, counters.InnerBytes));
        float[] found = new float[4];
        device.Gpu.Stream.Download<float>(y.Span, found);
        Assert.Equal([1, 2, 3, 4], found);
    }

    [CudaFact(CudaNeeds.StandIn)]
    public void Run_ConvolutionProductAndSoftmax_GoThroughTheLibraries()
    {
        using Device device = Device.Open(DeviceName.Cuda());
        using GraphSession session = device.CreateSession(Computing, new SessionSettings { UseCustomOps = false });
        session.Bind<float>("x", new float[128], 1, 2, 8, 8);
        session.Bind<float>("w", new float[36], 2, 2, 3, 3);
        session.Bind<float>("y", new float[128], 1, 2, 8, 8);
        CudaStandIn.Reset();
        session.Run();
        Assert.True(CudaStandIn.Counters is { LibraryCalls: >= 2, RuntimeLaunches: >= 1, Launches: 0 });
    }

    [CudaFact(CudaNeeds.StandIn)]
    public void Dispose_ManySessions_GivesAllDeviceMemoryBack()
    {
        using Device device = Device.Open(DeviceName.Cuda());
        long before = CudaStandIn.Counters.OpenBytes;
        for (int i = 0; i < 3; i++)
        {
            using GraphSession session = device.CreateSession(Computing, new SessionSettings { UseCustomOps = false });
            session.Bind<float>("x", new float[128], 1, 2, 8, 8);
            session.Bind<float>("w", new float[36], 2, 2, 3, 3);
            session.Bind<float>("y", new float[128], 1, 2, 8, 8);
            session.Run();
            Assert.NotEqual(before, CudaStandIn.Counters.OpenBytes);
        }

        Assert.Equal(before, CudaStandIn.Counters.OpenBytes);
    }

    [CudaTheory(CudaNeeds.StandIn)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Run_DeviceMemoryIsUsedUp_IsOneDeviceFailureAndTheNextSessionWorks(int allocation)
    {
        using Device device = Device.Open(DeviceName.Cuda());
        using (CudaStandIn.Failing($"cuMemAlloc_v2@{allocation}=2"))
        {
            CloudsException failure = Assert.Throws<CloudsException>(() => RunOnce(device));
            Assert.Equal(Failure.Device, failure.Failure);
        }

        RunOnce(device);
    }

    private static void RunOnce(Device device)
    {
        using GraphSession session = device.CreateSession(Computing, new SessionSettings { UseCustomOps = false });
        session.Bind<float>("x", new float[128], 1, 2, 8, 8);
        session.Bind<float>("w", new float[36], 2, 2, 3, 3);
        session.Bind<float>("y", new float[128], 1, 2, 8, 8);
        session.Run();
    }
}
