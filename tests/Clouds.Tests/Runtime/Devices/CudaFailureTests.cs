using Clouds.Diagnostics;
using Clouds.Emulator;
using Clouds.Emulator.Driver;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Native;

namespace Clouds.Tests.Runtime.Devices;

[Kind(TestKind.Emulated)]
public class CudaFailureTests
{
    private const string Empty = ".version 7.8\n.target sm_80\n.address_size 64\n.visible .entry k()\n{\n ret;\n}\n";

    [Theory]
    [InlineData("cuInit", 100, "CUDA_ERROR_NO_DEVICE (100)")]
    [InlineData("cuInit", 803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803)")]
    [InlineData("cuInit", 999, "CUDA_ERROR_UNKNOWN (999)")]
    [InlineData("cuDeviceGetCount", 3, "CUDA_ERROR_NOT_INITIALIZED (3)")]
    [InlineData("cuDevicePrimaryCtxRetain", 2, "CUDA_ERROR_OUT_OF_MEMORY (2)")]
    public void Open_DriverRefuses_NamesCallAndCode(string call, int code, string expected)
    {
        using DriverState state = new(new EmulatorSettings());
        state.Failures[call] = code;
        CudaDriver driver = new(state.EntryPoint, new LibrarySearch("the emulated driver"));
        CloudsException failure = Assert.Throws<CloudsException>(() =>
        {
            driver.Initialise();
            CudaContext.Open(driver).Dispose();
        });
        Assert.Equal(Failure.Device, failure.Failure);
        Assert.Contains(call, failure.Where);
        Assert.Contains(expected, failure.Message);
        Assert.Contains("ComputeDevice.Cpu", failure.Next);
    }

    [Fact]
    public void Table_EntryPointMissing_IsNamed()
    {
        using DriverState state = new();
        CloudsException failure = Assert.Throws<CloudsException>(
            () => new CudaDriver(name => name == "cuLaunchKernel" ? 0 : state.EntryPoint(name), new LibrarySearch("the emulated driver")));
        Assert.Equal("cuLaunchKernel", failure.Where);
    }

    [Fact]
    public void Initialise_DriverBelowCuda118_SaysBothVersions()
    {
        using DriverState state = new() { Version = 11_070 };
        CloudsException failure = Assert.Throws<CloudsException>(new CudaDriver(state.EntryPoint, new LibrarySearch("the emulated driver")).Initialise);
        Assert.Contains("CUDA 11.7", failure.Message);
        Assert.Contains("CUDA 11.8 or newer", failure.Message);
        Assert.Contains("update the NVIDIA driver", failure.Next);
    }

    [Fact]
    public void Open_DriverWithoutGpus_SaysSo()
    {
        using DriverState state = new([]);
        CudaDriver driver = new(state.EntryPoint, new LibrarySearch("the emulated driver"));
        Assert.Contains("finds no GPU", Assert.Throws<CloudsException>(driver.Initialise).Message);
        Assert.Contains("0 GPUs", Assert.Throws<CloudsException>(() => CudaContext.Open(driver)).Found);
    }

    [Fact]
    public void Open_NoSuchGpu_IsRefused()
    {
        using EmulatedGpu gpu = new();
        Assert.Contains("cuda:3", Assert.Throws<CloudsException>(() => CudaContext.Open(gpu.Driver, 3)).Where);
    }

    [Fact]
    public void Allocate_MoreThanThereIs_SaysSoAndLeavesTheContextUsable()
    {
        using EmulatedGpu gpu = new(new EmulatorSettings { MemoryBytes = 1 << 20 });
        CloudsException failure = Assert.Throws<CloudsException>(() => gpu.Context.Allocate<float>(1 << 20));
        Assert.Contains("no memory left", failure.Message);
        Assert.Contains("4194304 bytes", failure.Where);
        using DeviceBuffer<float> smaller = gpu.Upload<float>([1, 2]);
        Assert.Equal([1f, 2f], gpu.Download(smaller));
    }

    [Fact]
    public void Load_CubinOfAnotherGpu_FallsBackToPtx()
    {
        using EmulatedGpu gpu = new();
        using CudaModule module = CudaModule.Load(gpu.Context, "k.cu", [0x7F, (byte)'E', (byte)'L', (byte)'F', 2], Empty);
        Assert.Equal("k", module.Function("k").Name);
        Assert.Equal(2, gpu.State.Calls["cuModuleLoadDataEx"]);
    }

    [Fact]
    public void Load_BadPtx_GivesTheDriversLog()
    {
        using EmulatedGpu gpu = new();
        CloudsException failure = Assert.Throws<CloudsException>(() => CudaModule.Load(gpu.Context, "k.cu", [], Empty.Replace("ret;", "fly;")));
        Assert.Contains("CUDA_ERROR_INVALID_PTX", failure.Message);
        Assert.Contains("'fly' is not in", failure.Message);
    }

    [Theory]
    [InlineData(11_080, "7.8", true)]
    [InlineData(11_080, "8.0", false)]
    [InlineData(12_060, "8.5", true)]
    [InlineData(12_060, "8.6", false)]
    [InlineData(13_000, "9.0", true)]
    public void Load_PtxNewerThanTheDriver_SaysWhichOfTheTwoToChange(int driver, string isa, bool loads)
    {
        using EmulatedGpu gpu = new(version: driver);
        if (loads)
        {
            CudaModule.Load(gpu.Context, "k.cu", [], Empty.Replace("7.8", isa)).Dispose();
            return;
        }

        CloudsException failure = Assert.Throws<CloudsException>(() => CudaModule.Load(gpu.Context, "k.cu", [], Empty.Replace("7.8", isa)));
        Assert.Contains("CUDA_ERROR_UNSUPPORTED_PTX_VERSION (222)", failure.Message);
        Assert.Contains("update the driver", failure.Next);
        Assert.Contains(Nvrtc.PathVariable, failure.Next);
    }

    [Fact]
    public void Function_NotInTheModule_IsNamed()
    {
        using EmulatedGpu gpu = new();
        using CudaModule module = CudaModule.Load(gpu.Context, "k.cu", [], Empty);
        Assert.Contains("cuModuleGetFunction(missing)", Assert.Throws<CloudsException>(() => module.Function("missing")).Where);
    }

    [Fact]
    public void Launch_BlockTooLarge_FailsAtOnceWithThePlan()
    {
        using EmulatedGpu gpu = new();
        using CudaModule module = CudaModule.Load(gpu.Context, "k.cu", [], Empty);
        CloudsException failure = Assert.Throws<CloudsException>(() =>
        {
            KernelArguments none = default;
            gpu.Stream.Launch(module.Function("k"), new LaunchPlan(1, 2048), ref none);
        });
        Assert.Contains("BlockX = 2048", failure.Where);
    }

    [Fact]
    public void Launch_KernelFaults_SurfacesAtTheNextWaitAndStays()
    {
        using EmulatedGpu gpu = new();
        using CudaModule module = CudaModule.Load(gpu.Context, "k.cu", [], Empty.Replace("ret;", "trap;"));
        KernelArguments none = default;
        gpu.Stream.Launch(module.Function("k"), new LaunchPlan(1, 32), ref none);
        Assert.Contains("CUDA_ERROR_LAUNCH_FAILED", Assert.Throws<CloudsException>(gpu.Stream.Synchronise).Message);
        Assert.Throws<CloudsException>(() => gpu.Context.Allocate<int>(4));
        Assert.Equal(FaultKind.Trap, gpu.State.LastFault?.Kind);
    }

    [Fact]
    public void Dispose_AfterAKernelsFault_HidesItFromNobody()
    {
        using EmulatedGpu gpu = new();
        DeviceBuffer<int> buffer = gpu.Upload<int>([1]);
        CudaModule module = CudaModule.Load(gpu.Context, "k.cu", [], Empty.Replace("ret;", "trap;"));
        KernelArguments none = default;
        gpu.Stream.Launch(module.Function("k"), new LaunchPlan(1, 32), ref none);
        buffer.Dispose();
        module.Dispose();
        Assert.Contains("a kernel failed on the GPU", Assert.Throws<CloudsException>(gpu.Stream.Synchronise).Message);
        Assert.Null(Record.Exception(gpu.Gpu.Dispose));
    }

    [Fact]
    public void Buffers_AllDisposed_NothingIsLeft()
    {
        using EmulatedGpu gpu = new();
        DeviceBuffer<int> buffer = gpu.Upload<int>([1, 2, 3]);
        Assert.Equal(1, gpu.Context.OpenBuffers);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Equal(0, gpu.Context.OpenBuffers);
        Assert.Throws<ObjectDisposedException>(() => buffer.Span.Length);
    }
}
