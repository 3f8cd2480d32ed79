using System.Collections.Concurrent;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;

namespace Clouds.Training.Streets;

/// <summary>Which scenes of a style a <see cref="StreetDataset"/> takes. The two never share one, whatever their seeds and counts.</summary>
public enum StreetSplit
{
    /// <summary>Scenes to learn from.</summary>
    Train,

    /// <summary>Scenes to be tested on.</summary>
    Test,
}

/// <summary>What a <see cref="StreetDataset"/> holds.</summary>
public sealed record StreetDatasetConfig
{
    /// <summary>Most images a set can have: the test split starts behind them.</summary>
    public const int MaximumCount = 1_000_000;

    /// <summary>The world. Default: the labelled source domain.</summary>
    public StreetStyle Style { get; init; } = StreetStyle.Source;

    /// <summary>Number of images, 1 to 1,000,000.</summary>
    public int Count { get; init; } = 200;

    /// <summary>Pixels a row, 64 to 4096.</summary>
    public int Width { get; init; } = 256;

    /// <summary>Rows, 64 to 4096.</summary>
    public int Height { get; init; } = 192;

    /// <summary>Seed of the scenes.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Scenes to learn from or to be tested on.</summary>
    public StreetSplit Split { get; init; } = StreetSplit.Train;
}

/// <summary>
/// The procedural street scenes as a data set of a fixed number of images; see <see cref="StreetScenes"/>. Rendering takes longer than a small
/// network needs to learn from a picture, so pictures are kept, up to 256 MiB of them.
/// </summary>
public sealed class StreetDataset : IDataset
{
    private const long Room = 256L << 20;
    private const long BytesPerPixel = 5;

    private readonly StreetDatasetConfig _config;
    private readonly ConcurrentDictionary<int, Sample> _kept = new();
    private readonly int _most;

    /// <summary>A data set; nothing is rendered before it is asked for.</summary>
    /// <exception cref="CloudsException">Usage: a number is out of range.</exception>
    public StreetDataset(StreetDatasetConfig config)
    {
        Check("count", config.Count, 1, StreetDatasetConfig.MaximumCount);
        Check("width", config.Width, StreetScenes.SmallestSide, StreetScenes.LargestSide);
        Check("height", config.Height, StreetScenes.SmallestSide, StreetScenes.LargestSide);
        _config = config;
        _most = (int)Math.Min(config.Count, Room / (BytesPerPixel * config.Width * config.Height));
        string style = config.Style.ToString().ToLowerInvariant();
        Name = config.Split == StreetSplit.Train ? $"streets-{style}" : $"streets-{style}-test";
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int Count => _config.Count;

    /// <inheritdoc/>
    public ClassSet Classes => ClassSet.Cityscapes;

    /// <inheritdoc/>
    public IReadOnlyList<DataFact> Facts => [new("street scenes", _config.ToString())];

    /// <inheritdoc/>
    public RgbImage LoadImage(int index) => Load(index).Image;

    /// <inheritdoc/>
    public Sample Load(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        if (index >= _most)
        {
            return Render(index);
        }

        // The caller owns what it gets and may change it.
        Sample kept = _kept.GetOrAdd(index, Render);
        (RgbImage image, LabelMap labels) = (kept.Image, kept.Labels);
        return kept with { Image = new(image.Width, image.Height, [.. image.Pixels]), Labels = new(labels.Width, labels.Height, [.. labels.Ids]) };
    }

    private Sample Render(int index)
    {
        int scene = _config.Split == StreetSplit.Train ? index : StreetDatasetConfig.MaximumCount + index;
        (RgbImage image, LabelMap labels) = StreetScenes.Render(_config.Style, _config.Seed, scene, _config.Width, _config.Height);
        return new Sample(image, labels, ((IImageSet)this).SampleName(index));
    }

    internal static void Check(string name, int value, int low, int high)
    {
        if (value < low || value > high)
        {
            throw new CloudsException(
                Failure.Usage, "a number of the street data set is out of range", name, $"{value}", $"{low} to {high}", $"choose another {name}");
        }
    }
}
