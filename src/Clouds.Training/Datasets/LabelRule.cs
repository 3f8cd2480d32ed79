using Clouds.Diagnostics;

namespace Clouds.Training.Datasets;

/// <summary>How the label file of an image is found: a pattern with {stem} and {folder}, or replacements in the image's path.</summary>
public sealed class LabelRule
{
    private const string Stem = "{stem}";

    private readonly string? _pattern;
    private readonly IReadOnlyList<(string From, string To)> _replacements;

    private LabelRule(string? pattern, IReadOnlyList<(string From, string To)> replacements)
    {
        _pattern = pattern;
        _replacements = replacements;
    }

    /// <summary>A pattern such as "labels/{stem}.png" or "gt/**/{stem}_ids.png"; {folder} is the image's folder below the images' fixed part.</summary>
    public static LabelRule FromPattern(string pattern) => new(pattern, []);

    /// <summary>Replacements in the image's path below the root, in order; each must apply.</summary>
    public static LabelRule FromReplacements(IReadOnlyList<(string From, string To)> replacements) =>
        new(null, [.. replacements.Select(pair => (WrittenPath.Slashes(pair.From), WrittenPath.Slashes(pair.To)))]);

    /// <summary>Finds the label file of every image.</summary>
    /// <param name="root">The set's folder.</param>
    /// <param name="imagesFixedPart">The fixed part of the images' pattern.</param>
    /// <param name="images">Image paths below the root.</param>
    /// <param name="warn">As for <see cref="FilePattern.Files"/>.</param>
    /// <returns>For every image its label's path, existing or not; with wildcards the pattern itself where none exists.</returns>
    /// <exception cref="CloudsException">BadInput, where several label files fit one image.</exception>
    internal IReadOnlyList<string> Find(string root, string imagesFixedPart, IReadOnlyList<string> images, Action<string>? warn = null)
    {
        FileEnding endings = new();
        if (_pattern is null)
        {
            return [.. images.Select(image => Existing(Replace(image)))];
        }

        FilePattern pattern = new(root, _pattern);
        if (!pattern.HasWildcards)
        {
            return [.. images.Select(image => Existing(Fill(pattern.Text, Parts(image, imagesFixedPart))))];
        }

        // Candidates are found by the name that holds the stem; the pattern is asked where more than that name is filled in.
        string[] names = pattern.Text.Split('/');
        int place = names.Length - Array.FindLastIndex(names, name => name.Contains(Stem, StringComparison.Ordinal));
        bool more = pattern.Text.Split(["{folder}", Stem], StringSplitOptions.None).Length > 2;
        ILookup<string, string> labels = pattern.Files(warn).ToLookup(path => FileEnding.Small(path.Split('/')[^place]));
        return [.. images.Select(Label)];

        string Existing(string path) => endings.Find(Path.Combine(root, path));

        string Label(string image)
        {
            (string Folder, string Stem) parts = Parts(image, imagesFixedPart);
            string filled = Fill(pattern.Text, parts);
            return Only(labels[FileEnding.Small(Fill(names[^place], parts))].Where(path => !more || pattern.Fits(path, filled)), image, filled);
        }
    }

    /// <summary>Files beside the labels that are named as labels are, and neither are one nor were made from one, as a_labelTrainIds.png from a.png.</summary>
    /// <param name="labels">The label path of every image, existing or not.</param>
    internal IEnumerable<string> Unused(IReadOnlyList<string> labels)
    {
        string ending = _pattern is null ? _replacements[^1].To : _pattern[(_pattern.LastIndexOf(Stem, StringComparison.Ordinal) + Stem.Length)..];
        HashSet<string> used = [.. labels];
        return labels.Select(label => Path.GetDirectoryName(label)!).Distinct().Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", new EnumerationOptions { AttributesToSkip = FileAttributes.Hidden }))
            .Where(file => FileEnding.Small(file).EndsWith(FileEnding.Small(ending), StringComparison.Ordinal) && !MadeFrom(file).Any(used.Contains))
            .Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> MadeFrom(string file)
    {
        string ending = Path.GetExtension(file), stem = file[..^ending.Length];
        int name = Path.GetDirectoryName(file)!.Length + 1;
        return stem.Index().Where(letter => letter.Index > name && letter.Item == '_').Select(letter => stem[..letter.Index] + ending).Prepend(file);
    }

    private static string Only(IEnumerable<string> labels, string image, string wanted)
    {
        string[] found = [.. labels];
        return found.Length <= 1
            ? found.FirstOrDefault(wanted)
            : throw new CloudsException(Failure.BadInput, "several label files fit one image", image,
                string.Join(", ", found.Take(3)), "one", "make the pattern under \"labels\" narrower, for instance with {folder}");
    }

    private static (string Folder, string Stem) Parts(string image, string fixedPart)
    {
        string folder = Path.GetDirectoryName(image[fixedPart.Length..]) ?? "";
        return (folder, Path.GetFileNameWithoutExtension(image));
    }

    private static string Fill(string pattern, (string Folder, string Stem) parts)
    {
        string folder = parts.Folder.Length == 0 ? "" : $"{parts.Folder}/";
        return pattern.Replace("{folder}/", folder, StringComparison.Ordinal).Replace(Stem, parts.Stem, StringComparison.Ordinal);
    }

    private string Replace(string image)
    {
        string label = image;
        foreach ((string from, string to) in _replacements)
        {
            label = label.Contains(from, StringComparison.Ordinal)
                ? label.Replace(from, to, StringComparison.Ordinal)
                : throw new CloudsException(Failure.Usage, "a replacement of the label rule does not apply", image,
                    $"no \"{from}\" in \"{label}\"", next: "correct \"labels\" in the data set's JSON file");
        }

        return label;
    }
}
