using System.Globalization;
using System.Runtime.InteropServices;
using Clouds.Diagnostics;

namespace Clouds.Runtime.Native;

/// <summary>Looks for a library of the system under several names and places, and remembers what came of each.</summary>
/// <param name="what">What is looked for, in words.</param>
/// <param name="wanted">What has every entry point, in words.</param>
/// <param name="next">What to do where one is missing.</param>
public sealed class LibrarySearch(
    string what, string wanted = "CUDA 11.8 or newer", string next = "update the NVIDIA driver and the CUDA libraries")
{
    private readonly List<string> _trace = [];

    /// <summary>What was tried, one line each: path or name, and the loader's reason or "loaded".</summary>
    public IReadOnlyList<string> Trace => _trace;

    /// <summary>Path of the library; null where it is not known.</summary>
    public string? File { get; private set; }

    /// <summary>Whether one of the names or paths tried could be loaded.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>The library's own version, in words; null where nobody asked it.</summary>
    public string? Version { get; internal set; }

    /// <summary>Tries one name or path.</summary>
    public bool TryLoad(string nameOrPath, out nint library)
    {
        try
        {
            library = NativeLibrary.Load(nameOrPath);
            _trace.Add($"{nameOrPath}: loaded");
            IsLoaded = true;
            return true;
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
        {
            library = 0;
            string reason = failure.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .FirstOrDefault(line => line.Contains("cannot") || line.Contains("invalid"), "cannot be loaded");
            _trace.Add(reason.StartsWith(nameOrPath, StringComparison.Ordinal) ? reason : $"{nameOrPath}: {reason}");
            return false;
        }
    }

    /// <summary>Notes where the library lies that was loaded by a name alone.</summary>
    /// <param name="address">Address of something inside the library.</param>
    public void Locate(nint address)
    {
        File = FileAt(address);
        if (File is not null && _trace is [.., string last] && !last.StartsWith('/'))
        {
            _trace[^1] = $"{last} from {File}";
        }
    }

    /// <summary>The failure that lists everything tried.</summary>
    /// <param name="expected">What would have been found on a good machine.</param>
    /// <param name="next">What to do.</param>
    public CloudsException NotFound(string expected, string next)
        => new(Failure.Device, $"{what} cannot be loaded", where: what,
            found: string.Join(Environment.NewLine + new string(' ', 12), _trace), expected: expected, next: next);

    /// <summary>An entry point, or an error that names it.</summary>
    public nint Entry(Func<string, nint> find, string name)
    {
        nint address = find(name);
        return address != 0
            ? address
            : throw new CloudsException(Failure.Device, $"{what} lacks an entry point", where: name, found: string.Join("; ", _trace),
                expected: wanted, next: next);
    }

    // Lines of the process's memory map: "start-end rights offset device inode path", hexadecimal.
    private static string? FileAt(nint address)
    {
        const string Maps = "/proc/self/maps";
        foreach (string line in System.IO.File.Exists(Maps) ? System.IO.File.ReadLines(Maps) : [])
        {
            string[] range = line[..line.IndexOf(' ', StringComparison.Ordinal)].Split('-');
            bool inside = ulong.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture) <= (ulong)address
                && (ulong)address < ulong.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (inside)
            {
                int path = line.IndexOf('/', StringComparison.Ordinal);
                return path < 0 ? null : line[path..];
            }
        }

        return null;
    }
}
