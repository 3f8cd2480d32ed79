using Clouds.Cli.Devices;
using Clouds.Runtime.Native;
using Clouds.Verification.Kernels;

namespace Clouds.Tests.Verification.Kernels;

/// <summary>Compilers for tests of verification and benchmarks.</summary>
internal static class TestToolchain
{
    private static readonly string CacheFolder = Path.Combine(Repository.Root, ".cache", "kernels");

    /// <summary>The tests' compiler.</summary>
    public static KernelToolchain Found { get; } = new(() => NvrtcForTests.Library, CacheFolder);

    /// <summary>No compiler in the place where it is looked for.</summary>
    public static KernelToolchain Missing { get; } = new(() => Nvrtc.Load("/no/such/folder"), cacheFolder: null);

    /// <summary>The tests' compiler with a defect planted in its PTX.</summary>
    public static KernelToolchain With(Func<string, string> defect) => new(() => NvrtcForTests.Library, CacheFolder) { Rewrite = defect };

    /// <summary>A GPU over the emulator, as the real one is opened.</summary>
    public static KernelMachine Open(KernelToolchain? toolchain = null)
        => KernelMachine.Over(new EmulatedKernelDriver(new EmulationSettings(80)), toolchain ?? Found);
}
