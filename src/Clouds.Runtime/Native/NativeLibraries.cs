using System.Runtime.InteropServices;
using Clouds.Graph.Diagnostics;

namespace Clouds.Runtime.Native;

/// <summary>
/// Finds the native libraries that Clouds.Native brings along. They lie beside the executable, in the folder a single-file
/// executable unpacked itself into, or in a package's runtimes folder; the host names the last two in
/// NATIVE_DLL_SEARCH_DIRECTORIES.
/// </summary>
internal static class NativeLibraries
{
    private const string HostFolders = "NATIVE_DLL_SEARCH_DIRECTORIES";

    /// <summary>
    /// Loads a library: from the host's folders, then from the application's folder, then as the system's loader finds it.
    /// </summary>
    /// <param name="fileName">File name as the loader knows it, for instance "libvips-cpp.so"; no folder.</param>
    /// <returns>The library's handle; it stays loaded until the process ends.</returns>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: no candidate loads; the message lists each with its reason.</exception>
    internal static nint Load(string fileName)
    {
        List<string> refusals = [];
        foreach (string candidate in Candidates(fileName, AppContext.GetData(HostFolders) as string, AppContext.BaseDirectory))
        {
            if (TryLoad(candidate, refusals, out nint library))
            {
                return library;
            }
        }

        throw new CloudsException(
            Failure.Device,
            "a native library cannot be loaded",
            where: fileName,
            found: string.Join(Environment.NewLine + new string(' ', 12), refusals),
            expected: "the library beside the executable or on the system's library path",
            next: "put the library beside the executable; if it is there, install what its reason above names");
    }

    /// <summary>The places to try, in order: full paths first, the bare name (the system's search) last.</summary>
    internal static IReadOnlyList<string> Candidates(string fileName, string? hostFolders, string applicationFolder)
    {
        string[] folders = (hostFolders ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<string> paths = folders.Append(applicationFolder).Select(folder => Path.GetFullPath(Path.Combine(folder, fileName)));
        return [.. paths.Distinct(), fileName];
    }

    private static bool TryLoad(string candidate, List<string> refusals, out nint library)
    {
        library = 0;
        if (Path.IsPathRooted(candidate) && !File.Exists(candidate))
        {
            refusals.Add($"{candidate}: not there");
            return false;
        }

        try
        {
            library = NativeLibrary.Load(candidate);
            return true;
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
        {
            refusals.Add($"{candidate}: {Reason(failure.Message)}");
            return false;
        }
    }

    // The runtime's message has one line for each name variation it tried; the loader's own words stand in the last of them.
    private static string Reason(string message)
        => message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "no reason given";
}
