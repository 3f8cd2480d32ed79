using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Training.Datasets;

/// <summary>
/// A data set in a folder, described by one JSON file. Keys: "images" and "labels" (patterns; see <see cref="LabelRule"/>),
/// "root", "name", "classes" ("cityscapes" or a list of { "name", "colour" }), "idMap" ("identity", a prepared map's
/// name, or { source id: train id }), "ignore" (source ids), "unlisted" ("error" or "ignore"), "subset" (see <see cref="Subset"/>).
/// </summary>
public sealed class FolderDataset : IDataset
{
    private readonly IReadOnlyList<Entry> _entries;
    private readonly FolderDescription _description;
    private readonly Action<string>? _warn;

    private FolderDataset(FolderDescription description, IReadOnlyList<Entry> entries, Action<string>? warn)
    {
        _description = description;
        _entries = entries;
        _warn = warn;
    }

    /// <inheritdoc/>
    public string Name => _description.Name;

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <inheritdoc/>
    public ClassSet Classes => _description.Classes;

    /// <summary>Opens a data set.</summary>
    /// <param name="path">Its JSON file.</param>
    /// <param name="warn">As for <see cref="ImageFile.Read"/>, from any thread that loads.</param>
    /// <exception cref="CloudsException">Usage where the file is wrong; BadInput where images are missing or have no label file.</exception>
    public static FolderDataset Open(string path, Action<string>? warn = null) => Open(FolderDescriptionReader.Read(path), warn);

    /// <summary>Opens a data set.</summary>
    /// <param name="description">What its JSON file would say.</param>
    /// <param name="warn">As for <see cref="ImageFile.Read"/>, from any thread that loads.</param>
    /// <exception cref="CloudsException">BadInput where images are missing or have no label file.</exception>
    public static FolderDataset Open(FolderDescription description, Action<string>? warn = null)
    {
        FolderDataset dataset = OpenIncomplete(description, warn);
        Entry[] lonely = [.. dataset._entries.Where(entry => !File.Exists(entry.Label))];
        return lonely.Length == 0 ? dataset : throw Lonely(lonely, dataset.Count);
    }

    /// <summary>Opens a data set for <see cref="DatasetCheck"/>: images without a label file fail when they are loaded, not before.</summary>
    internal static FolderDataset OpenIncomplete(FolderDescription description, Action<string>? warn)
    {
        Glob glob = new(description.Root, description.Images);
        IReadOnlyList<string> images = glob.Files();
        if (images.Count == 0)
        {
            throw new CloudsException(Failure.BadInput, "the data set has no images", description.Root,
                "no file fits the pattern", description.Images, "correct \"root\" or \"images\" in the data set's JSON file");
        }

        IReadOnlyList<string> labels = description.Labels.Find(description.Root, glob.FixedPart, images);
        IEnumerable<Entry> all = images.Zip(labels, (image, label) => new Entry(
            Path.ChangeExtension(image[glob.FixedPart.Length..], null),
            Path.Combine(description.Root, image),
            Path.Combine(description.Root, label)));
        return new FolderDataset(description, SubsetRule.Apply(description.Subset, [.. all], entry => entry.Name, description.Name), warn);
    }

    /// <inheritdoc/>
    public string SampleName(int index) => _entries[index].Name;

    /// <inheritdoc/>
    public Sample Load(int index)
    {
        Entry entry = _entries[index];
        if (!File.Exists(entry.Label))
        {
            throw Lonely([entry], Count);
        }

        RgbImage image = ImageFile.Read(entry.Image, _warn);
        LabelMap labels = LabelPng.Read(entry.Label);
        if (labels.Width != image.Width || labels.Height != image.Height)
        {
            throw new CloudsException(
                Failure.BadInput,
                "image and label have different sizes",
                $"{entry.Image} and {entry.Label}",
                $"{image.Width} x {image.Height} and {labels.Width} x {labels.Height} pixels",
                "equal sizes",
                "replace one of them, or leave the sample out with \"subset\": { \"exclude\": [ .. ] }");
        }

        _description.IdMap.Apply(labels, entry.Label);
        return new Sample(image, labels, entry.Name);
    }

    private static CloudsException Lonely(Entry[] lonely, int count) => new(
        Failure.BadInput,
        lonely.Length == 1 ? "an image has no label file" : $"{lonely.Length} of {count} images have no label file",
        string.Join(", ", lonely.Take(3).Select(entry => entry.Image)) + (lonely.Length > 3 ? ", .." : ""),
        "no such file",
        string.Join(", ", lonely.Take(3).Select(entry => entry.Label)),
        "add the label, correct \"labels\", or leave the sample out with \"subset\": { \"exclude\": [ .. ] }");

    private sealed record Entry(string Name, string Image, string Label);
}
