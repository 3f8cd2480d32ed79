using Clouds.Diagnostics;

namespace Clouds.Runtime.Native;

/// <summary>The libraries of the CUDA provider on this machine, each opened once.</summary>
/// <param name="Opened">All of them, in their order, with what came of each.</param>
/// <param name="Older">CUDA's runtime of an older version, where it is here and the one that is wanted is not.</param>
public sealed record CudaLibraries(IReadOnlyList<(CudaLibrary Library, LibrarySearch Search)> Opened, string? Older = null)
{
    /// <summary>Installs all of them for one user, without an administrator.</summary>
    public static readonly string PipCommand =
        $"pip install --user {string.Join(' ', CudaLibrary.All.Select(library => $"'{library.Python}'").Distinct())} 'nvidia-cuda-nvrtc==13.*'";

    private static readonly Lazy<CudaLibraries> System = new(() => Open(CudaFolders.Machine));

    /// <summary>This machine's; what is missing then is not looked for again in this process.</summary>
    public static CudaLibraries Machine => System.Value;

    /// <summary>Those that cannot be opened.</summary>
    public IReadOnlyList<CudaLibrary> Missing => [.. Opened.Where(pair => !pair.Search.IsLoaded).Select(pair => pair.Library)];

    /// <summary>Fails where one is missing: some of them are asked for in the middle of a graph only, cuDNN at the first convolution.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: names what is missing, and how to install it.</exception>
    public void Require()
    {
        IReadOnlyList<CudaLibrary> missing = Missing;
        if (missing.Count > 0)
        {
            throw new CloudsException(
                Failure.Device,
                string.Join("; ", missing.Select(library => $"{library.File} ({library.Purpose}) cannot be opened")),
                found: string.Join(
                    Environment.NewLine + new string(' ', 12), Opened.Where(pair => !pair.Search.IsLoaded).SelectMany(pair => pair.Search.Trace)),
                expected: $"the libraries of CUDA {CudaLibrary.CudaVersion} and cuDNN 9",
                next: $"{InstallCommand(missing)}; ComputeDevice.Cpu needs none");
        }
    }

    /// <summary>How to install libraries: with NVIDIA's packages for Debian and Ubuntu, or with pip.</summary>
    public static string InstallCommand(IReadOnlyList<CudaLibrary> libraries)
    {
        string debian = string.Join(' ', libraries.Select(library => library.Debian).Distinct());
        string python = string.Join(' ', libraries.Select(library => $"'{library.Python}'").Distinct());
        return $"apt-get install {debian} (NVIDIA's repository), or pip install --user {python}";
    }

    /// <summary>Opens all of them.</summary>
    internal static CudaLibraries Open(CudaFolders folders)
    {
        CudaLibraries libraries = new([.. CudaLibrary.All.Select(library => (library, library.Search(folders)))]);
        CudaLibrary runtime = CudaLibrary.All[0];
        return !libraries.Missing.Contains(runtime) ? libraries : libraries with
        {
            Older = new[] { "libcudart.so.12", "libcudart.so.11.0" }.FirstOrDefault(older => (runtime with { File = older }).Search(folders).IsLoaded),
        };
    }
}
