using Clouds.Diagnostics;
using Clouds.Emulator;
using Clouds.Emulator.Driver;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Native;

namespace Clouds.Tests.Runtime.Devices;

/// <summary>Nothing of a device stays behind, whichever call fails.</summary>
[Kind(TestKind.Emulated)]
public class DeviceOwnershipTests
{
    private static readonly Dictionary<Type, Func<EmulatedGpu, IDisposable>> Makers = new()
    {
        [typeof(CudaConnectedComponents)] = gpu => new CudaConnectedComponents(gpu.Kernels, gpu.Stream, 2, 40, 130, new ComponentRule(LargerThan: 3)),
        [typeof(CudaMaskMerge)] = gpu => new CudaMaskMerge(gpu.Kernels, gpu.Stream, new MaskGeometry(16, 16, 64, 64, 48, 64, 50, 66)),
        [typeof(CudaMsDeformAttn)] = gpu => new CudaMsDeformAttn(gpu.Kernels, gpu.Stream,
            new MsDeformAttnPlan([4, 4, 2, 2], batch: 1, tokens: 20, heads: 2, width: 8, queries: 5, points: 2), [4, 4, 2, 2]),
        [typeof(CudaOptimizer)] = gpu => new CudaOptimizer(gpu.Kernels, gpu.Stream, [(0, 100, 0), (100, 0, 1), (100, 60, 1)]),
        [typeof(CudaResizedLabels)] = gpu => new CudaResizedLabels(gpu.Kernels, gpu.Stream, new ResizedShape(19, 8, 9, 30, 32)),
        [typeof(CudaUniformDraws)] = gpu => new CudaUniformDraws(gpu.Kernels, gpu.Stream),
        [typeof(CudaSemanticInference)] = gpu => new CudaSemanticInference(gpu.Kernels, gpu.Stream, new SemanticShape(10, 19, 8, 8, 32, 32, 30, 32)),
    };

    public static TheoryData<string> Hosts => [.. HostTypes().Select(type => type.Name)];

    [Fact]
    public void Makers_CoverEveryHostThatOwnsDeviceMemory()
        => Assert.Equal(HostTypes().Select(type => type.Name), Makers.Keys.Select(type => type.Name).Order());

    [Theory]
    [MemberData(nameof(Hosts))]
    public void Host_Disposed_HasGivenEverythingBack(string host)
    {
        using EmulatedGpu gpu = new();
        Maker(host)(gpu).Dispose();
        Assert.Equal(0, gpu.Context.OpenBuffers);
        Assert.Equal(0, gpu.State.Device.MemoryUsed);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public void Host_AnyAllocationOrUploadFails_GivesBackWhatItHad(string host)
    {
        using EmulatedGpu gpu = new();
        Maker(host)(gpu).Dispose();
        Dictionary<string, int> calls = new(gpu.State.Calls);
        foreach ((string call, int code) in new[] { ("cuMemAlloc_v2", 2), ("cuMemcpyHtoDAsync_v2", 1) })
        {
            Assert.True(calls[call] > 0, $"{host} makes no {call}");
            for (int ordinal = 1; ordinal <= calls[call]; ordinal++)
            {
                (string, int) failing = (call, gpu.State.Calls[call] + ordinal);
                gpu.State.SingleFailures[failing] = code;
                Assert.Contains(call, Assert.Throws<CloudsException>(() => Maker(host)(gpu)).Where);
                gpu.State.SingleFailures.Remove(failing);
                Assert.Equal(0, gpu.Context.OpenBuffers);
                Assert.Equal(0, gpu.State.Device.MemoryUsed);
            }
        }
    }

    [Fact]
    public void Host_MemoryRunsOutHalfWay_SaysHowMuchWasWantedAndFree()
    {
        using EmulatedGpu gpu = new(new EmulatorSettings { MemoryBytes = 100_000 });
        CloudsException failure = Assert.Throws<CloudsException>(() => Makers[typeof(CudaConnectedComponents)](gpu));
        Assert.Equal("cuMemAlloc_v2(166400 bytes)", failure.Where);
        Assert.Contains("58368 of 100000 bytes are free", failure.Found);
        Assert.Equal(0, gpu.State.Device.MemoryUsed);
    }

    [Theory]
    [InlineData("cuDeviceGetCount")]
    [InlineData("cuDeviceGet")]
    [InlineData("cuDeviceGetName")]
    [InlineData("cuDevicePrimaryCtxRetain")]
    [InlineData("cuCtxSetCurrent")]
    [InlineData("cuStreamCreate")]
    public void Gpu_AnyCallOfItsOpeningFails_LeavesNoHandle(string call)
    {
        using DriverState state = new() { SingleFailures = { [(call, 1)] = 999 } };
        CudaDriver driver = new(state.EntryPoint, new LibrarySearch("the emulated driver"));
        Assert.Contains(call, Assert.Throws<CloudsException>(() => Clouds.Runtime.Compilation.Gpu.Open(driver)).Where);
        Assert.Equal(0, state.OpenHandles);
    }

    private static IEnumerable<Type> HostTypes() => typeof(CudaOptimizer).Assembly.GetTypes()
        .Where(type => type.Namespace == typeof(CudaOptimizer).Namespace
            && type.Name.StartsWith("Cuda", StringComparison.Ordinal) && type.IsAssignableTo(typeof(IDisposable)))
        .OrderBy(type => type.Name);

    private static Func<EmulatedGpu, IDisposable> Maker(string host) => Makers.Single(maker => maker.Key.Name == host).Value;
}
