using System.Collections.Concurrent;
using Clouds.Native.Images;

namespace Clouds.Training.Datasets;

/// <summary>
/// A set that remembers its captions, and of its images the first that there is room for: what made or read an image once need not do so in each epoch.
/// </summary>
/// <param name="set">The set. Who takes an image of it does not change its pixels.</param>
/// <param name="room">Bytes.</param>
internal sealed class KeptImages(ICaptionedImages set, long room) : ICaptionedImages
{
    private readonly ConcurrentDictionary<int, RgbImage> _images = new();
    private readonly string?[] _captions = new string?[set.Count];

    /// <inheritdoc/>
    public string Name => set.Name;

    /// <inheritdoc/>
    public int Count => set.Count;

    /// <inheritdoc/>
    public IReadOnlyList<DataFact> Facts => set.Facts;

    /// <inheritdoc/>
    public string SampleName(int index) => set.SampleName(index);

    /// <inheritdoc/>
    public IReadOnlyList<string> Files(int index) => set.Files(index);

    /// <inheritdoc/>
    public string Caption(int index) => _captions[index] ??= set.Caption(index);

    /// <inheritdoc/>
    public RgbImage LoadImage(int index)
    {
        if (_images.TryGetValue(index, out RgbImage? known))
        {
            return known;
        }

        // Images of a set may differ in size: as if all were of this one's. Which are kept decides no bit.
        RgbImage image = set.LoadImage(index);
        if (_images.Count < room / Math.Max(1, image.Pixels.Length))
        {
            _images[index] = image;
        }

        return image;
    }
}
