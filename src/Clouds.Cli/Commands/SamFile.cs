using Clouds.Cli.Settings;
using Clouds.Diagnostics;

namespace Clouds.Cli.Commands;

/// <summary>Finds the weights of Segment Anything.</summary>
internal static class SamFile
{
    private static readonly string[] Endings = [".safetensors", ".pt", ".pth"];

    /// <summary>The file itself, or the one of a folder that a variant was published as.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <param name="variant">Which one of a folder.</param>
    /// <exception cref="CloudsException">BadInput: there is no such file; Usage: the folder has several for the variant.</exception>
    public static string Find(string path, SamVariant variant)
    {
        if (!Directory.Exists(path))
        {
            return File.Exists(path) ? path : throw new CloudsException(
                Failure.BadInput, "there is no such file of Segment Anything's weights", path, next: "correct the path");
        }

        string start = Published(variant);
        string[] found = [.. Directory.EnumerateFiles(path).Where(file => Path.GetFileName(file).StartsWith(start, StringComparison.OrdinalIgnoreCase)
            && Endings.Contains(Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal)];
        return found.Length switch
        {
            1 => found[0],
            0 => throw new CloudsException(Failure.BadInput, "the folder has no weights of this variant of Segment Anything", path,
                $"no file {start}*", string.Join(", ", Endings.Select(ending => start + "*" + ending)), "name the file, or set sam.variant"),
            _ => throw new CloudsException(Failure.Usage, "the folder has several files for this variant of Segment Anything", path,
                string.Join(", ", found.Select(Path.GetFileName)), "one", "name the file"),
        };
    }

    private static string Published(SamVariant variant) => variant switch
    {
        SamVariant.VitT => "mobile_sam",
        SamVariant.VitB => "sam_vit_b",
        SamVariant.VitL => "sam_vit_l",
        SamVariant.VitH => "sam_vit_h",
        _ => throw new ArgumentOutOfRangeException(nameof(variant), variant, "unknown variant"),
    };
}
