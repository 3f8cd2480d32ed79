using System.Text.RegularExpressions;
using Clouds.Diagnostics;
using Clouds.Native.Images;

namespace Clouds.Training.Datasets;

/// <summary>The images of a folder, described by one JSON file; see <see cref="FolderDataset"/> for its keys. "labels" may be missing here.</summary>
public class FolderImages : IImageSet
{
    private readonly IReadOnlyList<FolderEntry> _entries;
    private readonly Action<string>? _warn;

    private protected FolderImages(FolderDescription description, IReadOnlyList<FolderEntry> entries, Action<string>? warn) =>
        (Description, _entries, _warn) = (description, entries, warn);

    /// <inheritdoc/>
    public string Name => Description.Name;

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <summary>The set as its file describes it.</summary>
    protected FolderDescription Description { get; }

    /// <summary>Opens the images, and the labels too where the file tells of some.</summary>
    /// <param name="path">The JSON file.</param>
    /// <param name="warn">As for <see cref="ImageFile.Read(string, Action{string}?)"/>, from any thread that loads.</param>
    /// <exception cref="CloudsException">Usage where the file is wrong; BadInput where images are missing or one of several label files is.</exception>
    public static FolderImages Open(string path, Action<string>? warn = null) => Open(FolderDescriptionReader.Read(path), warn);

    /// <summary>Opens the images, and the labels too where there are some.</summary>
    /// <param name="description">What its JSON file would say.</param>
    /// <param name="warn">As for <see cref="ImageFile.Read(string, Action{string}?)"/>, from any thread that loads.</param>
    /// <exception cref="CloudsException">BadInput where images are missing or one of several label files is.</exception>
    public static FolderImages Open(FolderDescription description, Action<string>? warn = null) => description.Labels is null
        ? new FolderImages(description, FolderEntry.Find(description, warn), warn)
        : FolderDataset.Open(description, warn);

    /// <summary>Opens a set for <see cref="DatasetCheck"/>: images without a label file fail when they are loaded, not before.</summary>
    internal static FolderImages OpenIncomplete(string path, Action<string>? warn) => OpenIncomplete(FolderDescriptionReader.Read(path), warn);

    /// <summary>The same for a set without a file.</summary>
    internal static FolderImages OpenIncomplete(FolderDescription description, Action<string>? warn) => description.Labels is null
        ? new FolderImages(description, FolderEntry.Find(description, warn), warn)
        : FolderDataset.OpenIncomplete(description, warn);

    /// <inheritdoc/>
    public string SampleName(int index) => _entries[index].Name;

    /// <inheritdoc/>
    public RgbImage LoadImage(int index) => ImageFile.Read(_entries[index].Image, _warn);

    /// <inheritdoc/>
    public IReadOnlyList<DataFact> Facts => Description.Facts();

    /// <inheritdoc/>
    public IReadOnlyList<string> Files(int index) => _entries[index].Label is string label ? [_entries[index].Image, label] : [_entries[index].Image];

    /// <summary>Path of an image.</summary>
    protected string ImagePath(int index) => _entries[index].Image;
}

/// <summary>One image of a folder.</summary>
/// <param name="Name">Relative path without ending.</param>
/// <param name="Image">Path.</param>
/// <param name="Label">Path of its label file, existing or not; null where the set has none.</param>
internal sealed partial record FolderEntry(string Name, string Image, string? Label)
{
    /// <summary>The images that a description tells of, in its order.</summary>
    /// <param name="description">The description.</param>
    /// <param name="warn">Told of folders and files with several names; null: nobody.</param>
    /// <exception cref="CloudsException">BadInput where no file fits, several label files fit one image, or one fits several images.</exception>
    public static IReadOnlyList<FolderEntry> Find(FolderDescription description, Action<string>? warn)
    {
        description.Assumed.ToList().ForEach(sentence => warn?.Invoke(sentence));
        FilePattern pattern = new(description.Root, description.Images);
        List<string> passedOver = [];
        IReadOnlyList<string> images = pattern.Files(warn, passedOver);
        images = description.OrderedByNumber ? [.. images.OrderBy(NumericOrder, StringComparer.Ordinal)] : images;
        if (passedOver.Count > 0)
        {
            warn?.Invoke(UnreadImages.Told(Path.Combine(description.Root, pattern.FixedPart), passedOver));
        }

        if (images.Count == 0)
        {
            throw new CloudsException(Failure.BadInput, "the data set has no images", description.Root,
                "no file fits the pattern", description.Images, "correct \"root\" or \"images\" in the data set's JSON file");
        }

        IReadOnlyList<string>? labels = description.Labels?.Find(description.Root, pattern.FixedPart, images, warn);
        FolderEntry[] entries = [.. images.Select((image, i) => new FolderEntry(
            Path.ChangeExtension(image[pattern.FixedPart.Length..], null),
            Path.Combine(description.Root, image),
            labels is null ? null : Path.Combine(description.Root, labels[i])))];
        CheckShared(entries);
        return SubsetRule.Apply(description.Subset, entries, entry => entry.Name, description.Name);
    }

    // Every number as wide as the widest.
    private static string NumericOrder(string path) => Numbers().Replace(path, number => number.Value.PadLeft(20, '0'));

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Numbers();

    // Over all images, not those of the subset alone: a label that some other image claims may well belong to that one.
    private static void CheckShared(FolderEntry[] entries)
    {
        IGrouping<string?, FolderEntry>? shared = entries.Where(entry => entry.Label is not null)
            .GroupBy(entry => entry.Label)
            .FirstOrDefault(group => group.Count() > 1 && File.Exists(group.Key));
        if (shared is not null)
        {
            throw new CloudsException(
                Failure.BadInput,
                "one label file fits several images",
                shared.Key,
                string.Join(", ", shared.Take(3).Select(entry => entry.Image)) + (shared.Count() > 3 ? $", .. ({shared.Count()} images)" : ""),
                "a label file for each image",
                "tell the images apart with {folder}, an image's folder, in the pattern under \"labels\", or make the pattern under \"images\" narrower");
        }
    }
}
