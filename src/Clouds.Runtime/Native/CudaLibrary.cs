using System.Runtime.InteropServices;

namespace Clouds.Runtime.Native;

/// <summary>
/// A library that ONNX Runtime's CUDA provider opens by its name. What is opened here first is found there, wherever it lay: the loader knows a library
/// that is loaded by its name already.
/// </summary>
/// <param name="File">The name.</param>
/// <param name="Purpose">What it does for us, in words.</param>
/// <param name="Probe">A function of it that tells the version; the kind of answer follows from its name.</param>
/// <param name="Debian">Package of NVIDIA's repository for Debian and Ubuntu.</param>
/// <param name="Python">Package for pip, with the versions that fit.</param>
public sealed unsafe record CudaLibrary(string File, string Purpose, string Probe, string Debian, string Python)
{
    /// <summary>CUDA version of the provider.</summary>
    public const int CudaVersion = 13;

    /// <summary>Smallest architecture that the provider has code for.</summary>
    public const int FirstArchitecture = 75;

    /// <summary>First driver that knows this version.</summary>
    public const int FirstDriver = 580;

    /// <summary>All of them, each behind those that it wants itself. The driver's is not among them; <see cref="CudaDriver"/> opens that.</summary>
    public static IReadOnlyList<CudaLibrary> All { get; } =
    [
        new("libcudart.so.13", "CUDA's runtime", "cudaRuntimeGetVersion", "cuda-cudart-13-0", "nvidia-cuda-runtime==13.*"),
        new("libcublasLt.so.13", "products of matrices", "cublasLtGetProperty", "libcublas-13-0", "nvidia-cublas==13.*"),
        new("libcublas.so.13", "products of matrices", "cublasGetProperty", "libcublas-13-0", "nvidia-cublas==13.*"),
        new("libcurand.so.10", "random numbers", "curandGetProperty", "libcurand-13-0", "nvidia-curand==10.*"),
        new("libcudnn.so.9", "convolutions", "cudnnGetProperty", "libcudnn9-cuda-13", "nvidia-cudnn-cu13==9.*"),
    ];

    /// <summary>Opens it, for as long as the process lives: by its name, or else in the folders of CUDA and of Python packages.</summary>
    public LibrarySearch Search() => Search(CudaFolders.Machine);

    /// <summary>The same in other folders.</summary>
    internal LibrarySearch Search(CudaFolders folders)
    {
        LibrarySearch search = new(Purpose);
        foreach (string candidate in folders.All.Select(folder => Path.Combine(folder, File)).Where(System.IO.File.Exists).Prepend(File))
        {
            if (search.TryLoad(candidate, out nint library))
            {
                search.Locate(NativeLibrary.TryGetExport(library, Probe, out nint address) ? address : 0);
                search.Version = address == 0 ? null : Version(address);
                break;
            }
        }

        return search;
    }

    // NVIDIA's libraryPropertyType has major, minor and patch level; the runtime has one number, 13000 for 13.0.
    private string Version(nint address)
    {
        int number = 0;
        if (!Probe.EndsWith("Property", StringComparison.Ordinal))
        {
            return ((delegate* unmanaged<int*, int>)address)(&number) == 0 ? CudaDriver.VersionText(number) : "?";
        }

        int[] parts = new int[3];
        for (int kind = 0; kind < parts.Length; kind++)
        {
            parts[kind] = ((delegate* unmanaged<int, int*, int>)address)(kind, &number) == 0 ? number : 0;
        }

        return string.Join('.', parts);
    }
}
