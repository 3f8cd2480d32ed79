using System.Globalization;
using Clouds.Diagnostics;

namespace Clouds.Graph.Weights;

/// <summary>
/// Version of what a file of ours means, a number in the metadata of its safetensors container. It grows when an older reader would
/// misunderstand the file, and not when something is added that older readers may overlook. Files without a number are of version 1.
/// </summary>
public static class FormatVersion
{
    /// <summary>Key in the file's metadata.</summary>
    public const string MetadataKey = "clouds.format";

    /// <summary>The metadata entry of a version.</summary>
    public static KeyValuePair<string, string> Entry(int version) => new(MetadataKey, version.ToString(CultureInfo.InvariantCulture));

    /// <summary>Refuses a file of a version that this program cannot know.</summary>
    /// <param name="file">The file.</param>
    /// <param name="kind">What the file is, for the message, for instance "checkpoint".</param>
    /// <param name="newest">The newest version that can be read.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: the version is newer, or no number.</exception>
    public static void Require(WeightSource file, string kind, int newest)
    {
        string found = file.Metadata.GetValueOrDefault(MetadataKey, "1");
        bool number = int.TryParse(found, NumberStyles.None, CultureInfo.InvariantCulture, out int version) && version > 0;
        if (!number || version > newest)
        {
            throw new CloudsException(
                Failure.Weights,
                number ? $"the {kind} was written by a newer version of Clouds.Native" : $"the {kind} has a format version that is no number",
                file.Path,
                $"{MetadataKey} {found}",
                newest == 1 ? "format 1" : $"format 1 to {newest}",
                number ? "use the version that wrote it, or a newer one" : "the file is damaged or not ours: write it again");
        }
    }
}
