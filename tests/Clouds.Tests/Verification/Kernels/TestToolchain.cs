using Clouds.Cli.Devices;
using Clouds.Emulator;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Native;
using Clouds.Tests.Runtime;
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

    /// <summary>No compiler either, but everything that <see cref="Found"/> has compiled for an architecture.</summary>
    public static KernelToolchain MissingAfter(int architecture, params EmulatorSettings[] gpus)
    {
        foreach (string name in KernelSource.Names)
        {
            Found.Compiler.Compile(KernelSource.Load(name), architecture);
        }

        return new(() => Nvrtc.Load("/no/such/folder"), CacheFolder) { Driver = () => new EmulatedDriverTable(gpus) };
    }

    /// <summary>The tests' compiler with a defect planted in its PTX.</summary>
    public static KernelToolchain With(Func<string, string> defect, params EmulatorSettings[] gpus)
        => new(() => NvrtcForTests.Library, CacheFolder) { Rewrite = defect, Driver = () => new EmulatedDriverTable(gpus) };

    /// <summary>The tests' compiler and emulated GPUs in the place of the machine's.</summary>
    public static KernelToolchain Behind(params EmulatorSettings[] gpus)
        => new(() => NvrtcForTests.Library, CacheFolder) { Driver = () => new EmulatedDriverTable(gpus) };

    /// <summary>Starts an emulated driver.</summary>
    public static IEmulatedDriver Emulate(EmulationSettings settings) => new EmulatedKernelDriver(settings);
}
