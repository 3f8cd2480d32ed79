using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Training.Datasets;

/// <summary>
/// A labelled data set in a folder, described by one JSON file. Keys: "images" and "labels" (patterns; see <see cref="LabelRule"/>,
/// or an object of "pattern" or "replace", "colours" and "scale", see <see cref="FolderDescription"/>),
/// "root", "name", "classes" ("cityscapes" or a list of { "name", "colour" }), "idMap" ("identity", a prepared map's
/// name, or { source id: train id }), "ignore" (source ids), "unlisted" ("error" or "ignore"), "subset" (see <see cref="Subset"/>), "scoredAt"
/// ("original" or "resized", see <see cref="IDataset.ScoredResized"/>), "order" ("name" or "number").
/// </summary>
public sealed class FolderDataset : FolderImages, IDataset
{
    private readonly string[] _labels;

    private FolderDataset(FolderDescription description, IReadOnlyList<FolderEntry> entries, Action<string>? warn)
        : base(description, entries, warn)
        => _labels = [.. entries.Select(entry => entry.Label!)];

    /// <inheritdoc/>
    public ClassSet Classes => Description.Classes;

    /// <inheritdoc/>
    public bool ScoredResized => Description.ScoredResized;

    /// <summary>Opens a data set.</summary>
    /// <param name="path">Its JSON file.</param>
    /// <param name="warn">As for <see cref="ImageFile.Read(string, Action{string}?)"/>, from any thread that loads.</param>
    /// <exception cref="CloudsException">Usage where the file is wrong; BadInput where images are missing or have no label file.</exception>
    public static new FolderDataset Open(string path, Action<string>? warn = null) => Open(FolderDescriptionReader.Read(path), warn);

    /// <summary>Opens a data set.</summary>
    /// <param name="description">What its JSON file would say.</param>
    /// <param name="warn">As for <see cref="ImageFile.Read(string, Action{string}?)"/>, from any thread that loads.</param>
    /// <exception cref="CloudsException">Usage where it has no labels; BadInput where images are missing or have no label file.</exception>
    public static new FolderDataset Open(FolderDescription description, Action<string>? warn = null)
    {
        FolderDataset dataset = OpenIncomplete(description, warn);
        int[] lonely = [.. Enumerable.Range(0, dataset.Count).Where(i => !File.Exists(dataset._labels[i]))];
        return lonely.Length == 0 ? dataset : throw dataset.Lonely(lonely);
    }

    /// <summary>Opens a data set for <see cref="DatasetCheck"/>: images without a label file fail when they are loaded, not before.</summary>
    internal static new FolderDataset OpenIncomplete(FolderDescription description, Action<string>? warn) => description.Labels is null
        ? throw new CloudsException(Failure.Usage, "the data set has no labels", description.Name, "no \"labels\" in its JSON file",
            "a pattern such as \"labels/{stem}.png\"", "say where its label files are, or use it where images alone are wanted")
        : new FolderDataset(description, FolderEntry.Find(description, warn), warn);

    /// <inheritdoc/>
    public Sample Load(int index)
    {
        string path = _labels[index];
        if (!File.Exists(path))
        {
            throw Lonely([index]);
        }

        RgbImage image = LoadImage(index);
        LabelMap labels = Labels(path);
        if (labels.Width != image.Width || labels.Height != image.Height)
        {
            throw SizeMismatch.Between($"{ImagePath(index)} and {path}", image, labels);
        }

        return new Sample(image, labels, SampleName(index));
    }

    /// <summary>Source ids that the label file of a sample has and the id map ignores, with their pixels; none where it holds colours.</summary>
    internal IEnumerable<KeyValuePair<ushort, int>> IgnoredIds(int index) => Description.Colours is not null
        ? []
        : SourceIds(_labels[index]).Ids.CountBy(id => id).Where(id => Description.IdMap.Find(id.Key) == LabelMap.Ignore);

    /// <summary>The sentence that label files have no image; none where each has one.</summary>
    internal IEnumerable<string> LonelyLabels()
    {
        IReadOnlyList<FolderEntry> all = FolderEntry.Find(Description with { Subset = new Subset() }, null);
        string[] lonely = [.. Description.Labels!.Unused([.. all.Select(entry => entry.Label!)])];
        return lonely.Length == 0 ? []
            : [$"{lonely.Length} label files have no image: {string.Join(", ", lonely.Take(3))}{(lonely.Length > 3 ? ", .." : "")}"];
    }

    private LabelMap SourceIds(string path) => LabelPng.Read(path, Description.IdMap.ReadsRed, Description.Scale);

    private LabelMap Labels(string path)
    {
        if (Description.Colours is LabelColours colours)
        {
            return colours.Read(path);
        }

        LabelMap labels = SourceIds(path);
        Description.IdMap.Apply(labels, path);
        return labels;
    }

    private CloudsException Lonely(int[] lonely) => new(
        Failure.BadInput,
        lonely.Length == 1 ? "an image has no label file" : $"{lonely.Length} of {Count} images have no label file",
        string.Join(", ", lonely.Take(3).Select(ImagePath)) + (lonely.Length > 3 ? ", .." : ""),
        "no such file",
        string.Join(", ", lonely.Take(3).Select(i => _labels[i])),
        "add the label, correct \"labels\", or leave the sample out with \"subset\": { \"exclude\": [ .. ] }");
}
