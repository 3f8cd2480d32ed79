namespace Clouds.Cli.Diagnosis;

/// <summary>
/// Looks for a native library where the loader would: inside a single-file program, beside the program, in LD_LIBRARY_PATH, and in the
/// system's folders; where it is loaded already, the place it came from. It loads nothing itself.
/// </summary>
/// <param name="File">File name.</param>
/// <param name="Needed">Whether Clouds.Native cannot work without it.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="Next">What to do where it is missing.</param>
internal sealed record NativeLibraryCheck(string File, bool Needed, string Purpose, string Next) : IMachineCheck
{
    private static readonly string[] SystemFolders =
    [
        "/usr/lib/x86_64-linux-gnu",
        "/lib/x86_64-linux-gnu",
        "/usr/lib64",
        "/usr/lib",
        "/usr/local/lib",
        "/usr/local/cuda/lib64",
        "/usr/local/nvidia/lib64",
        "/usr/lib/wsl/lib",
    ];

    public IEnumerable<Finding> Examine()
    {
        string? place = Loaded() ?? Folders().Select(folder => Path.Combine(folder, File)).FirstOrDefault(System.IO.File.Exists);
        yield return place is not null
            ? new Finding(File, FindingState.Good, place)
            : new Finding(File, Needed ? FindingState.Missing : FindingState.Absent, $"not found ({Purpose})", Next);
    }

    // Only the system knows where a single-file program keeps its libraries. A line ends in the path of what is mapped there, or says that it has none.
    private string? Loaded()
    {
        const string Maps = "/proc/self/maps";
        IEnumerable<string> lines = System.IO.File.Exists(Maps) ? System.IO.File.ReadLines(Maps) : [];
        return lines.Select(line => line.EndsWith($"/{File}", StringComparison.Ordinal) ? line[line.IndexOf('/', StringComparison.Ordinal)..]
            : line.EndsWith($"/memfd:{File} (deleted)", StringComparison.Ordinal) ? "in memory, as there is no folder of this user's to unpack it to"
            : null).FirstOrDefault(place => place is not null);
    }

    internal static IEnumerable<string> Folders()
    {
        string unpacked = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        string environment = Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") ?? "";
        return [AppContext.BaseDirectory, .. Split(unpacked), .. Split(environment), .. SystemFolders];
    }

    private static string[] Split(string folders) => folders.Split(':', StringSplitOptions.RemoveEmptyEntries);
}
