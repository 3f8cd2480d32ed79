using System.Runtime.InteropServices;
using Clouds.Diagnostics;

namespace Clouds.Runtime.Native;

/// <summary>
/// Finds the native libraries that Clouds.Native brings along: inside a single-file executable, beside the executable, or in a package's runtimes
/// folder.
/// </summary>
public static class NativeLibraries
{
    /// <summary>
    /// Loads a library: the one that the program carries, from the folders that the .NET host names (NATIVE_DLL_SEARCH_DIRECTORIES), from the
    /// application's folder, or as the system's loader finds it, in this order.
    /// </summary>
    /// <param name="fileName">File name as the loader knows it, for instance "libvips.so.42"; no folder.</param>
    /// <returns>The library's handle; it stays loaded until the process ends.</returns>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: nothing loads; the message lists each place with its reason.</exception>
    public static nint Load(string fileName)
    {
        // The runtime's own search, with an assembly as its anchor, knows the folders that the host does not show in AppContext.
        if (CarriedLibraries.Find(fileName) is nint carried)
        {
            return carried;
        }

        List<string> refusals = [];
        if (Try(() => NativeLibrary.Load(fileName, typeof(NativeLibraries).Assembly, searchPath: null), refusals, out nint library)
            || Try(() => NativeLibrary.Load(Path.Combine(AppContext.BaseDirectory, fileName)), refusals, out library)
            || Try(() => NativeLibrary.Load(fileName), refusals, out library))
        {
            return library;
        }

        throw new CloudsException(
            Failure.Device,
            "a native library cannot be loaded",
            where: fileName,
            found: string.Join(Environment.NewLine + new string(' ', 12), Places(refusals, fileName)),
            expected: "the library beside the executable or on the system's library path",
            next: "put the library beside the executable; if it is there, install what its reason above names");
    }

    private static bool Try(Func<nint> load, List<string> refusals, out nint library)
    {
        try
        {
            library = load();
            return true;
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
        {
            library = 0;
            refusals.AddRange(Reasons(failure.Message));
            return false;
        }
    }

    // After an introduction the runtime's message has the loader's words, one line for each place: "path: reason".
    private static IEnumerable<string> Reasons(string message)
    {
        string[] lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length > 1 ? lines.Skip(1) : lines;
    }

    // The runtime also tries the name with a prefix and a suffix added to it; those places would only make the list longer.
    private static IEnumerable<string> Places(List<string> refusals, string fileName)
    {
        IEnumerable<string> asked = refusals.Where(line => line.StartsWith(fileName + ":", StringComparison.Ordinal) || line.Contains($"/{fileName}:"));
        return asked.DefaultIfEmpty(refusals[^1]).Distinct();
    }
}
