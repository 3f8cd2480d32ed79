using System.Globalization;
using System.Text.RegularExpressions;

namespace Clouds.Native.Generation.Store;

/// <summary>Names of the files of a store of images.</summary>
public static partial class StoreFiles
{
    /// <summary>What all images have in common.</summary>
    public const string Plan = "store.json";

    /// <summary>The images, a line each; of several processes each has a list of its own, manifest-2-of-8.jsonl.</summary>
    public const string Manifest = "manifest.jsonl";

    /// <summary>What was noticed about images, a line each.</summary>
    public const string Marks = "marks.jsonl";

    /// <summary>How well images show their prompts, where a CLIP has looked at them.</summary>
    public const string Scores = "scores.json";

    /// <summary>The first image as it came out of the noise, step by step.</summary>
    public const string Steps = "steps.png";

    internal const string Images = "images";

    /// <summary>The lists of a folder, of one process or of several; none where it has none.</summary>
    public static IReadOnlyList<string> Manifests(string folder) => !Directory.Exists(folder) ? [] :
        [.. Directory.EnumerateFiles(folder, "manifest*.jsonl").Where(path => Listing().IsMatch(Path.GetFileName(path))).Order(StringComparer.Ordinal)];

    /// <summary>An image's name in the folder, images/000000.png.</summary>
    public static string Image(int index) => string.Create(CultureInfo.InvariantCulture, $"{Images}/{index:000000}.png");

    [GeneratedRegex(@"^manifest(-\d+-of-\d+)?\.jsonl$")]
    private static partial Regex Listing();
}
