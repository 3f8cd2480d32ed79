using Clouds.Diagnostics;
using Clouds.Emulator;
using Clouds.Emulator.Driver;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Native;

namespace Clouds.Tests.Emulator.Driver;

[Kind(TestKind.Emulated)]
public class DriverStateTests
{
    private const string Empty = ".version 7.8\n.target sm_80\n.address_size 64\n.visible .entry k()\n{\n ret;\n}\n";
    private static readonly EmulatorSettings[] TwoGpus = [new() { Architecture = 80 }, new() { Architecture = 90, MemoryBytes = 1 << 20 }];

    [Fact]
    public void TwoGpus_BehindOneDriver_HaveTheirOwnNamesAndMemory()
    {
        using DriverState state = new(TwoGpus);
        CudaDriver driver = Table(state);
        using CudaContext first = CudaContext.Open(driver, 0);
        using CudaContext second = CudaContext.Open(driver, 1);
        Assert.Equal(("PTX emulator, sm_80", 80), (first.Name, first.Architecture));
        Assert.Equal(("PTX emulator, sm_90", 90), (second.Name, second.Architecture));
        using DeviceBuffer<byte> buffer = second.Allocate<byte>(1000);
        Assert.Equal((0, 1000), (state.Devices[0].MemoryUsed, state.Devices[1].MemoryUsed));
        Assert.Equal(((1L << 20) - 1000, 1L << 20), second.Memory);
        Assert.Equal(1L << 36, first.Memory.Free);
    }

    [Fact]
    public void TwoGpus_MemoryOfTheOtherOne_IsRefused()
    {
        using DriverState state = new(TwoGpus);
        CudaDriver driver = Table(state);
        using CudaContext first = CudaContext.Open(driver, 0);
        using CudaContext second = CudaContext.Open(driver, 1);
        using DeviceBuffer<byte> there = second.Allocate<byte>(16);
        using CudaStream stream = CudaStream.Create(first);
        Assert.Contains("CUDA_ERROR_INVALID_VALUE", Assert.Throws<CloudsException>(() => stream.Fill(there.Span)).Message);
    }

    [Fact]
    public void TwoGpus_StreamOfTheOtherOne_IsRefused()
    {
        using DriverState state = new(TwoGpus);
        CudaDriver driver = Table(state);
        using CudaContext first = CudaContext.Open(driver, 0);
        using CudaContext second = CudaContext.Open(driver, 1);
        using CudaStream there = CudaStream.Create(second);
        Assert.Contains("CUDA_ERROR_INVALID_HANDLE", Assert.Throws<CloudsException>(CudaStream.Borrow(first, there.Handle).Synchronise).Message);
        there.Synchronise();
    }

    [Fact]
    public void TwoDrivers_InOneProcess_CountAndFailByThemselves()
    {
        using DriverState one = new();
        using DriverState other = new();
        one.Failures["cuModuleLoadDataEx"] = 218;
        using CudaContext first = CudaContext.Open(Table(one));
        using CudaContext second = CudaContext.Open(Table(other));
        Assert.Throws<CloudsException>(() => CudaModule.Load(first, "k.cu", [], Empty));
        CudaModule.Load(second, "k.cu", [], Empty).Dispose();
        Assert.Equal((1, 0), (one.Calls["cuModuleLoadDataEx"], one.Calls.GetValueOrDefault("cuModuleUnload")));
        Assert.Equal((1, 1), (other.Calls["cuModuleLoadDataEx"], other.Calls["cuModuleUnload"]));
    }

    [Fact]
    public void TwoDrivers_OneOfThemBusy_TheOtherAnswers()
    {
        using DriverState busy = new();
        using DriverState idle = new();
        CudaDriver driver = Table(idle);
        int devices = 0;
        Thread asking = new(() => devices = CudaContext.Count(driver));
        lock (busy.Gate)
        {
            asking.Start();
            Assert.True(asking.Join(TimeSpan.FromSeconds(60)), "the idle driver waits for the busy one");
        }
        Assert.Equal(1, devices);
    }

    [Fact]
    public void Context_Released_IsOfNoUseAnyMore()
    {
        using DriverState state = new();
        CudaContext context = CudaContext.Open(Table(state));
        CudaStream stream = CudaStream.Create(context);
        Assert.Equal(2, state.OpenHandles);
        stream.Dispose();
        context.Dispose();
        Assert.Equal(0, state.OpenHandles);
        Assert.Throws<ObjectDisposedException>(context.Synchronise);
    }

    private static CudaDriver Table(DriverState state) => CudaDriver.Over(state.EntryPoint, "the emulated driver");
}
