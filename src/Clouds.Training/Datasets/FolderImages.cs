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
    /// <param name="warn">As for <see cref="ImageFile.Read"/>, from any thread that loads.</param>
    /// <exception cref="CloudsException">Usage where the file is wrong; BadInput where images are missing or one of several label files is.</exception>
    public static FolderImages Open(string path, Action<string>? warn = null)
    {
        FolderDescription description = FolderDescriptionReader.Read(path);
        return description.Labels is null
            ? new FolderImages(description, FolderEntry.Find(description), warn)
            : FolderDataset.Open(description, warn);
    }

    /// <summary>Opens a set for <see cref="DatasetCheck"/>: images without a label file fail when they are loaded, not before.</summary>
    internal static FolderImages OpenIncomplete(string path, Action<string>? warn)
    {
        FolderDescription description = FolderDescriptionReader.Read(path);
        return description.Labels is null
            ? new FolderImages(description, FolderEntry.Find(description), warn)
            : FolderDataset.OpenIncomplete(description, warn);
    }

    /// <inheritdoc/>
    public string SampleName(int index) => _entries[index].Name;

    /// <inheritdoc/>
    public RgbImage LoadImage(int index) => ImageFile.Read(_entries[index].Image, _warn);

    /// <summary>Path of an image.</summary>
    protected string ImagePath(int index) => _entries[index].Image;
}

/// <summary>One image of a folder.</summary>
/// <param name="Name">Relative path without ending.</param>
/// <param name="Image">Path.</param>
/// <param name="Label">Path of its label file, existing or not; null where the set has none.</param>
internal sealed record FolderEntry(string Name, string Image, string? Label)
{
    /// <summary>The images that a description tells of, in its order.</summary>
    /// <exception cref="CloudsException">BadInput where no file fits, or several label files fit one image.</exception>
    public static IReadOnlyList<FolderEntry> Find(FolderDescription description)
    {
        FilePattern pattern = new(description.Root, description.Images);
        IReadOnlyList<string> images = pattern.Files();
        if (images.Count == 0)
        {
            throw new CloudsException(Failure.BadInput, "the data set has no images", description.Root,
                "no file fits the pattern", description.Images, "correct \"root\" or \"images\" in the data set's JSON file");
        }

        IReadOnlyList<string>? labels = description.Labels?.Find(description.Root, pattern.FixedPart, images);
        IEnumerable<FolderEntry> all = images.Select((image, i) => new FolderEntry(
            Path.ChangeExtension(image[pattern.FixedPart.Length..], null),
            Path.Combine(description.Root, image),
            labels is null ? null : Path.Combine(description.Root, labels[i])));
        return SubsetRule.Apply(description.Subset, [.. all], entry => entry.Name, description.Name);
    }
}
