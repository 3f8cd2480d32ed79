using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;

namespace Clouds.Training.Streets.World;

/// <summary>What a <see cref="WorldDataset"/> holds.</summary>
public sealed record WorldDatasetConfig
{
    /// <summary>The style. Default: the labelled source, narrow.</summary>
    public WorldStyle Style { get; init; } = WorldStyle.Of(WorldGroup.Source).Single();

    /// <summary>Number of images, 1 to 1,000,000.</summary>
    public int Count { get; init; } = 200;

    /// <summary>Pixels a row, 64 to 4096.</summary>
    public int Width { get; init; } = 192;

    /// <summary>Rows, 64 to 4096.</summary>
    public int Height { get; init; } = 128;

    /// <summary>Seed of the scenes.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Scenes to learn from or to be tested on; the two never share one, whatever seeds and counts.</summary>
    public StreetSplit Split { get; init; } = StreetSplit.Train;
}

/// <summary>
/// Scenes of the wide world as labelled images, as captioned images, and as images with masks of no class. Nothing is rendered before it is asked for.
/// </summary>
public sealed class WorldDataset : IDataset, ICaptionedImages, IMaskedImages
{
    /// <summary>A mask has more pixels than this; what is smaller cannot be pointed at.</summary>
    public const int SmallMask = 16;

    private readonly WorldDatasetConfig _config;
    private readonly string?[] _captions;

    /// <summary>A data set.</summary>
    /// <exception cref="CloudsException">Usage: a number is out of range.</exception>
    public WorldDataset(WorldDatasetConfig config)
    {
        StreetDataset.Check("count", config.Count, 1, StreetDatasetConfig.MaximumCount);
        StreetDataset.Check("width", config.Width, StreetScenes.SmallestSide, StreetScenes.LargestSide);
        StreetDataset.Check("height", config.Height, StreetScenes.SmallestSide, StreetScenes.LargestSide);
        _config = config;
        _captions = new string?[config.Count];
        Name = config.Split == StreetSplit.Train ? $"world-{config.Style.Name}" : $"world-{config.Style.Name}-test";
    }

    /// <inheritdoc cref="IImageSet.Name"/>
    public string Name { get; }

    /// <inheritdoc cref="IImageSet.Count"/>
    public int Count => _config.Count;

    /// <inheritdoc/>
    public ClassSet Classes => ClassSet.Cityscapes;

    /// <inheritdoc/>
    public IReadOnlyList<DataFact> Facts =>
    [
        new("wide world", FormattableString.Invariant(
            $"style {_config.Style.Name}, {_config.Count} {_config.Split} scenes of seed {_config.Seed}, {_config.Width} x {_config.Height}")),
    ];

    /// <summary>Renders a scene with all that is known of it.</summary>
    /// <param name="index">0 .. <see cref="Count"/> - 1.</param>
    public WorldScene Scene(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        int number = _config.Split == StreetSplit.Train ? index : StreetDatasetConfig.MaximumCount + index;
        WorldScene scene = WorldScenes.Render(_config.Style, _config.Seed, number, _config.Width, _config.Height);
        _captions[index] ??= WorldCaptions.Of(scene, variant: 0);
        return scene;
    }

    /// <inheritdoc/>
    public RgbImage LoadImage(int index) => Scene(index).Image;

    /// <inheritdoc/>
    public Sample Load(int index)
    {
        WorldScene scene = Scene(index);
        return new Sample(scene.Image, scene.Labels, ((IImageSet)this).SampleName(index));
    }

    /// <summary>What an image shows, in words. It tells of what can be seen, so a scene that was not loaded yet is rendered for it.</summary>
    /// <param name="index">0 .. <see cref="Count"/> - 1.</param>
    public string Caption(int index) => _captions[index] ?? WorldCaptions.Of(Scene(index), variant: 0);

    /// <inheritdoc/>
    MaskedImage IMaskedImages.Load(int index)
    {
        WorldScene scene = Scene(index);
        return new MaskedImage(scene.Image, WorldRegions.Masks(scene.Regions, scene.Image.Width, SmallMask));
    }
}
