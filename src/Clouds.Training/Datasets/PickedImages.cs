using Clouds.Native.Images;

namespace Clouds.Training.Datasets;

/// <summary>Some images of a set, in its order; labels that it may have are not looked at.</summary>
/// <param name="all">The set.</param>
/// <param name="picked">Their numbers in the set, at least one.</param>
public sealed class PickedImages(IImageSet all, IReadOnlyList<int> picked) : IImageSet
{
    /// <inheritdoc/>
    public string Name => all.Name;

    /// <inheritdoc/>
    public int Count => picked.Count;

    /// <inheritdoc/>
    public IReadOnlyList<DataFact> Facts => [.. all.Facts, new DataFact("what is used of it", "images alone")];

    /// <summary>The first images.</summary>
    /// <param name="all">The set.</param>
    /// <param name="limit">How many; 0, or more than there are: all.</param>
    public static PickedImages First(IImageSet all, int limit) =>
        new(all, [.. Enumerable.Range(0, limit == 0 ? all.Count : Math.Min(limit, all.Count))]);

    /// <inheritdoc/>
    public RgbImage LoadImage(int index) => all.LoadImage(picked[index]);

    /// <inheritdoc/>
    public string SampleName(int index) => all.SampleName(picked[index]);

    /// <inheritdoc/>
    public IReadOnlyList<string> Files(int index) => all.Files(picked[index]);
}
