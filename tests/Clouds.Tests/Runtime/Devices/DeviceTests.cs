using Clouds.Diagnostics;
using Clouds.Emulator;
using Clouds.Emulator.Driver;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Native;
using Clouds.Runtime.Sessions;

namespace Clouds.Tests.Runtime.Devices;

[Kind(TestKind.Emulated)]
public sealed class DeviceTests
{
    private static readonly bool CudaWorks = Device.WhyNot(DeviceName.Cuda()) is null;

    [Fact]
    public void Open_ProcessorWithThreads_GivesThemToSessionsThatDoNotSay()
    {
        using Device device = Device.Open(DeviceName.Cpu, new DeviceSettings { Threads = 3 });
        Assert.Equal((3, 0), (device.Sessions.Threads, Device.Open(DeviceName.Cpu).Sessions.Threads));
    }

    [Fact]
    public void Open_AutoForNetworks_TakesTheProcessorAndSaysWhyOnceWhereCudaIsBuiltIn()
    {
        List<string> told = [];
        using Device device = Device.Open(DeviceName.Auto, new DeviceSettings { Warn = told.Add });
        using GraphSession session = device.CreateSession(Doubling());
        Assert.Same(device, session.Device);
        Assert.Equal(CudaWorks ? DeviceName.Cuda() : DeviceName.Cpu, device.Name);
        Assert.Equal(CudaWorks || !RuntimeFacts.Collect().HasCuda ? [] : [$"CUDA is not used: {device.WhyNotCuda}"], told);
        Assert.Equal(CudaWorks, device.WhyNotCuda is null);
    }

    [Fact]
    public void Open_CudaByName_FailsWithTheReasonThatAutoGives()
    {
        if (!CudaWorks)
        {
            CloudsException failure = Assert.Throws<CloudsException>(() => Device.Open(DeviceName.Cuda(1)));
            Assert.Equal(Failure.Device, failure.Failure);
            Assert.Equal(Device.WhyNot(DeviceName.Cuda(1)), Device.Sentence(failure));
            Assert.Contains("ComputeDevice.Cpu", failure.Next, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Open_SecondOfTwoGpus_OpensThatOneAndItsMemory()
    {
        EmulatedDriverTable driver = new(new() { Architecture = 80 }, new() { Architecture = 90, MemoryBytes = 1 << 20 });
        using (Device device = Device.Open(DeviceName.Cuda(1), Kernels(driver)))
        {
            Assert.Equal("cuda:1", device.Name.ToString());
            Assert.Equal((1, 90), (device.Gpu!.Ordinal, device.Gpu.Architecture));
            using DeviceBuffer<byte> buffer = device.Gpu.Context.Allocate<byte>(1000);
            Assert.Equal((0, 1000), (driver.State.Devices[0].MemoryUsed, driver.State.Devices[1].MemoryUsed));
            Assert.Equal(((1 << 20) - 1000, 1 << 20), device.Memory);
        }

        Assert.True(driver.IsDisposed);
        Assert.Equal(0, driver.State.OpenHandles);
    }

    [NvrtcFact]
    public void Kernel_OnTheSecondOfTwoGpus_RunsThere()
    {
        EmulatedDriverTable driver = new(new(), new() { Architecture = 90 });
        using Device device = Device.Open(DeviceName.Cuda(1), Kernels(driver));
        Gpu gpu = device.Gpu!;
        using DeviceBuffer<float> teacher = gpu.Context.Allocate<float>(2);
        using DeviceBuffer<float> student = gpu.Context.Allocate<float>(2);
        gpu.Stream.Upload([0f, 8], teacher.Span);
        gpu.Stream.Upload([4f, 0], student.Span);
        TeacherAverage.Run(gpu.Kernels, gpu.Stream, teacher.Span, student.Span, momentum: 0.5);
        float[] average = new float[2];
        gpu.Stream.Download<float>(teacher.Span, average);
        Assert.Equal([2f, 4], average);
        Assert.Empty(driver.State.Devices[0].Counters);
        Assert.Contains("ema", driver.State.Devices[1].Counters.Keys);
    }

    [Theory]
    [InlineData(DeviceKind.Cuda)]
    [InlineData(DeviceKind.Auto)]
    public void Open_MoreThanThereAre_FailsByNameAndFallsBackForAuto(DeviceKind kind)
    {
        EmulatedDriverTable driver = new(kind == DeviceKind.Auto ? [] : [new EmulatorSettings(), new EmulatorSettings()]);
        if (kind == DeviceKind.Auto)
        {
            using Device device = Device.Open(DeviceName.Auto, Kernels(driver));
            Assert.Equal((DeviceName.Cpu, "the NVIDIA driver finds no GPU (cuInit(0))"), (device.Name, device.WhyNotCuda));
        }
        else
        {
            CloudsException failure = Assert.Throws<CloudsException>(() => Device.Open(DeviceName.Cuda(2), Kernels(driver)));
            Assert.Equal(("cuda:2", "2 GPUs"), (failure.Where, failure.Found));
        }

        Assert.True(driver.IsDisposed);
    }

    [Fact]
    public void Open_AutoForKernelsWithoutACompiler_IsTheProcessor()
    {
        using TemporaryFolder empty = new();
        EmulatedDriverTable driver = new(new EmulatorSettings());
        DeviceSettings settings = Kernels(driver) with { Compiler = new KernelCompiler(() => Nvrtc.Load(empty.Path), null) };
        using Device device = Device.Open(DeviceName.Auto, settings);
        Assert.Equal((DeviceName.Cpu, "the CUDA run-time compiler (libnvrtc) cannot be loaded"), (device.Name, device.WhyNotCuda));
        Assert.Equal(0, driver.State.OpenHandles);
    }

    [Fact]
    public void Open_AutoForKernelsWhereAGpuAnswers_TakesIt()
    {
        using Device device = Device.Open(DeviceName.Auto, Kernels(new EmulatedDriverTable(new EmulatorSettings())) with { Compiler = Anything });
        Assert.Equal((DeviceName.Cuda(), null), (device.Name, device.WhyNotCuda));
    }

    [Fact]
    public void Open_EmulatedWithoutAnEmulator_IsRefusedWithTheChoices()
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => Device.Open(DeviceName.Emulated));
        Assert.Equal(Failure.Usage, failure.Failure);
        Assert.Contains(DeviceName.Choices, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_DriverDoesNotStart_GivesItBack()
    {
        EmulatedDriverTable driver = new(new DriverState { SingleFailures = { [("cuStreamCreate", 1)] = 999 } });
        Assert.Throws<CloudsException>(() => Device.Open(DeviceName.Cuda(), Kernels(driver)));
        Assert.True(driver.IsDisposed);
        Assert.Equal(0, driver.State.OpenHandles);
    }

    [Fact]
    public void Processor_KnowsItsMemoryAndOutlivesItsDisposal()
    {
        Device.Cpu.Dispose();
        (long free, long total) = Device.Open(DeviceName.Cpu).Memory;
        Assert.InRange(free, 1, total);
        using ParameterArena arena = Device.Cpu.CreateArena([("a", [2, 3], 0)], training: false);
        Assert.Equal(6, arena.ParameterCount);
    }

    [Fact]
    public void Names_AreTheProcessorAndTheGpus()
    {
        IReadOnlyList<DeviceName> names = Device.Names();
        Assert.Equal([DeviceName.Cpu, DeviceName.Cuda()], names.Take(2));
        Assert.Null(Device.WhyNot(DeviceName.Cpu));
    }

    private static KernelCompiler Anything => new(() => NvrtcForTests.Absent is null ? NvrtcForTests.Library : null!, null);

    private static DeviceSettings Kernels(EmulatedDriverTable driver)
        => new() { Use = DeviceUse.Kernels, Driver = () => driver, Compiler = EmulatedGpu.Compiler };

    private static byte[] Doubling()
    {
        GraphBuilder g = new("doubling");
        Value x = g.Input("x", ElementType.Float, [4]);
        g.Output("y", g.Add(x, x));
        return OnnxModel.Write(g);
    }
}
