using Clouds.Native.Images;
using Clouds.Training.Datasets;

namespace Clouds.Cli.Commands;

/// <summary>A file below a folder that is no image to label.</summary>
/// <param name="File">Its path.</param>
/// <param name="Reason">Why it is passed over.</param>
internal sealed record PassedOverFile(string File, string Reason)
{
    private const int Shown = 3;

    /// <summary>Whether a file is passed over, judged by its ending.</summary>
    public static bool Is(string file) => !ImageFile.Extensions.Contains(Path.GetExtension(file).ToLowerInvariant());

    /// <summary>Such a file, with its reason.</summary>
    public static PassedOverFile Of(string file) => new(file, UnreadImages.Is(file)
        ? $"{Path.GetExtension(file)[1..].ToUpperInvariant()} is a format that is not read"
        : "no image's ending");

    /// <summary>Files by their reasons in one phrase, most of them first.</summary>
    public static string Told(IReadOnlyCollection<PassedOverFile> files) => string.Join("; ", files.GroupBy(file => file.Reason)
        .OrderByDescending(group => group.Count())
        .Select(group => $"{group.Count()} as {group.Key} ({string.Join(", ", group.Take(Shown).Select(Name))}{(group.Count() > Shown ? ", .." : "")})"));

    private static string Name(PassedOverFile file) => Path.GetFileName(file.File);
}
