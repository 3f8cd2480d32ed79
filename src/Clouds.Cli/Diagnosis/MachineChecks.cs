using Clouds.Runtime.Native;

namespace Clouds.Cli.Diagnosis;

/// <summary>What `clouds doctor` looks at, in order.</summary>
internal static class MachineChecks
{
    /// <summary>Beside an executable of the CUDA form.</summary>
    public const string CudaProvider = "libonnxruntime_providers_cuda.so";

    public static IReadOnlyList<IMachineCheck> All { get; } =
    [
        new PlatformCheck(),
        new ProcessorCheck(),
        new CapacityCheck(Environment.CurrentDirectory),
        new RuntimeCheck(), // before the libraries: what it loads is found where it was loaded from
        new NativeLibraryCheck("libonnxruntime.so", Needed: true, "runs every network", "build with ./build.sh, which brings it"),
        new NativeLibraryCheck("libvips.so.42", Needed: true, "reads and writes images", "build with ./build.sh, which brings it"),
        new NativeLibraryCheck(CudaProvider, Needed: false, "networks on NVIDIA GPUs", "needed for --device cuda only"),
        new CudaCheck(),
        new CudaLibraryCheck(() => CudaLibraries.Machine, () => CudaDriver.LibraryIsThere), // behind the check that looks for the driver
        RanksCheck.Mpi,
        RanksCheck.Sums,
    ];
}
