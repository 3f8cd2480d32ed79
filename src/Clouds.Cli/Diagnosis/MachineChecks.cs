namespace Clouds.Cli.Diagnosis;

/// <summary>What `clouds doctor` looks at, in order.</summary>
internal static class MachineChecks
{
    public static IReadOnlyList<IMachineCheck> All { get; } =
    [
        new PlatformCheck(),
        new ProcessorCheck(),
        new CapacityCheck(Environment.CurrentDirectory),
        new RuntimeCheck(), // before the libraries: what it loads is found where it was loaded from
        new NativeLibraryCheck("libonnxruntime.so", Needed: true, "runs every network", "build with ./build.sh, which brings it"),
        new NativeLibraryCheck("libvips-cpp.so", Needed: true, "reads and writes images", "build with ./build.sh, which brings it"),
        new NativeLibraryCheck("libonnxruntime_providers_cuda.so", Needed: false, "networks on NVIDIA GPUs", "needed for --device cuda only"),
        new NativeLibraryCheck("libcuda.so.1", Needed: false, "NVIDIA driver", "needed for --device cuda only: install the NVIDIA driver"),
        new NativeLibraryCheck("libnvrtc.so.12", Needed: false, "compiles kernels for NVIDIA GPUs", "needed for --device cuda only: install the CUDA 12 runtime"),
    ];
}
