using System.Globalization;

namespace Clouds.Runtime.Native;

/// <summary>Where libraries of the run-time compiler may lie, and which of them is the newest, told by their names alone.</summary>
internal static class NvrtcFiles
{
    /// <summary>Names that a loader may know, newest first.</summary>
    public static readonly string[] Names = ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"];

    private const string Library = "libnvrtc.so.";
    private const string Builtins = "libnvrtc-builtins.so.";

    /// <summary>What to try, in this order: of all places the newest version first, and of equal ones the first place.</summary>
    /// <param name="folders">Places.</param>
    public static IEnumerable<string> NewestFirst(IEnumerable<string> folders)
        => folders.SelectMany(InFolder).Concat(Names).OrderByDescending(VersionOf);

    /// <summary>The libraries of a folder.</summary>
    public static IEnumerable<string> InFolder(string folder)
        => Directory.Exists(folder) ? Names.Select(name => Path.Combine(folder, name)).Where(File.Exists) : [];

    /// <summary>CUDA version of a library: by the file that its name leads to, or else by the newest part of the compiler that lies beside it.</summary>
    public static (int Major, int Minor) VersionOf(string path)
    {
        FileSystemInfo? target = File.Exists(path) ? new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) : null;
        (int Major, int Minor)? version = Parse(target?.Name ?? Path.GetFileName(path), Library);
        if (version is not { Minor: 0 } || Path.GetDirectoryName(path) is not { Length: > 0 } folder)
        {
            return version ?? default;
        }

        return Directory.EnumerateFiles(folder, $"{Builtins}{version.Value.Major}.*")
            .Select(file => Parse(Path.GetFileName(file), Builtins) ?? default).Append(version.Value).Max();
    }

    // "libnvrtc.so.11.8.89": version 11.8.
    private static (int Major, int Minor)? Parse(string name, string stem)
    {
        string[] parts = name.StartsWith(stem, StringComparison.Ordinal) ? name[stem.Length..].Split('.') : [];
        return parts.Length > 0 && Number(parts[0]) is int major ? (major, parts.Length > 1 ? Number(parts[1]) ?? 0 : 0) : null;
    }

    private static int? Number(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
