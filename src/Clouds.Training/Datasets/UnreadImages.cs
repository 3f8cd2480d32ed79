using Clouds.Native.Images;

namespace Clouds.Training.Datasets;

/// <summary>Images of formats that nothing here reads. Wherever folders are searched they are told, so that none is missing without a word.</summary>
public static class UnreadImages
{
    private const int Shown = 3;

    private static readonly string[] Endings =
    [
        ".bmp", ".dib", ".gif", ".heic", ".heif", ".avif", ".jp2", ".j2k", ".jxl", ".tga", ".pbm", ".pgm", ".ppm", ".pnm", ".pfm", ".exr", ".hdr", ".svg",
        ".psd", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".raw", ".ico",
    ];

    /// <summary>Whether a file's ending is that of such an image.</summary>
    public static bool Is(string file) => Endings.Contains(Path.GetExtension(file).ToLowerInvariant());

    /// <summary>The sentence that such files are passed over, with the number of each format.</summary>
    /// <param name="folder">Where they were found.</param>
    /// <param name="files">Their names; at least one.</param>
    public static string Told(string folder, IReadOnlyCollection<string> files)
    {
        IEnumerable<string> formats = files.GroupBy(file => Path.GetExtension(file).ToUpperInvariant()[1..])
            .OrderByDescending(format => format.Count())
            .Select(format => $"{format.Count()} {format.Key} ({string.Join(", ", format.Take(Shown))}{(format.Count() > Shown ? ", .." : "")})");
        return $"{folder}: images that cannot be read are passed over: {string.Join(", ", formats)}; what is read: {string.Join(" ", ImageFile.Extensions)}";
    }
}
