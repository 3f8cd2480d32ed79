using Clouds.Runtime.Native;

namespace Clouds.Cli.Diagnosis;

/// <summary>
/// The libraries that ONNX Runtime's CUDA provider wants, each opened by its name: the runtime itself names only the first that it lacks, and some late.
/// </summary>
/// <param name="libraries">Opens them.</param>
/// <param name="driverIsThere">Whether a GPU could be used with them.</param>
internal sealed class CudaLibraryCheck(Func<CudaLibraries> libraries, Func<bool> driverIsThere) : IMachineCheck
{
    public IEnumerable<Finding> Examine()
    {
        CudaLibraries found = libraries();
        foreach ((CudaLibrary library, LibrarySearch search) in found.Opened)
        {
            yield return Of(library, search);
        }

        if (found.Older is string older)
        {
            yield return new Finding(
                "CUDA version", FindingState.Warning, $"{older} is here; ONNX Runtime's provider wants CUDA {CudaLibrary.CudaVersion}",
                $"install the newer libraries beside it, their names differ: {CudaLibraries.PipCommand}");
        }
    }

    private Finding Of(CudaLibrary library, LibrarySearch search)
    {
        if (search.IsLoaded)
        {
            return new Finding(library.File, FindingState.Good, $"{search.Version ?? "of unknown version"}, {search.File ?? search.Trace[^1]}");
        }

        string found = $"cannot be opened ({library.Purpose}): {string.Join("; ", search.Trace)}";
        string install = CudaLibraries.InstallCommand([library]);
        return driverIsThere()
            ? new Finding(library.File, FindingState.Warning, found, install)
            : new Finding(library.File, FindingState.Absent, found, $"needed for --device cuda only: {install}");
    }
}
