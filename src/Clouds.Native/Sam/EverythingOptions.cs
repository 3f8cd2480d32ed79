using System.Globalization;
using Clouds.Diagnostics;

namespace Clouds.Native.Sam;

/// <summary>
/// How <see cref="SegmentAnything.FindEverything"/> looks for masks without prompts. Defaults are those of Segment Anything's own mask generator.
/// </summary>
public sealed record EverythingOptions
{
    private const int MostPoints = 1024;
    private const int MostLayers = 6;

    /// <summary>Points along each side of the grid, 1..1024.</summary>
    public int PointsPerSide { get; init; } = 32;

    /// <summary>Masks are kept whose expected IoU is above this, 0..1.</summary>
    public float LeastScore { get; init; } = 0.88f;

    /// <summary>Masks are kept whose stability is at least this, 0..1: the share of pixels that stay when the threshold is moved by the offset.</summary>
    public float LeastStability { get; init; } = 0.95f;

    /// <summary>By how much the threshold is moved up and down, above 0.</summary>
    public float StabilityOffset { get; init; } = 1;

    /// <summary>Of two masks whose boxes have a larger IoU than this the one with the lower score goes, 0..1.</summary>
    public float MostOverlap { get; init; } = 0.7f;

    /// <summary>Layers of crops that are looked at too, 0..6: layer i cuts the image into 2^i x 2^i parts, each of which is embedded for itself.</summary>
    public int CropLayers { get; init; }

    /// <summary>Share of the image's short side by which crops of the first layer overlap, 0..1.</summary>
    public double CropOverlap { get; init; } = 512.0 / 1500;

    /// <summary>By what the points per side are divided in each further layer, 1 or more.</summary>
    public int CropPointDivisor { get; init; } = 1;

    /// <summary>
    /// Holes and islands of fewer pixels are filled and taken away, 0 or more; masks that are nearly the same afterwards go, those that have changed first.
    /// 0: masks stay as they are.
    /// </summary>
    public int SmallestRegion { get; init; }

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="CloudsException">Usage, naming the member.</exception>
    internal void Require()
    {
        Require(PointsPerSide is >= 1 and <= MostPoints, nameof(PointsPerSide), PointsPerSide, $"1..{MostPoints}");
        Require(LeastScore is >= 0 and <= 1, nameof(LeastScore), LeastScore, "0..1");
        Require(LeastStability is >= 0 and <= 1, nameof(LeastStability), LeastStability, "0..1");
        Require(StabilityOffset > 0 && float.IsFinite(StabilityOffset), nameof(StabilityOffset), StabilityOffset, "above 0");
        Require(MostOverlap is >= 0 and <= 1, nameof(MostOverlap), MostOverlap, "0..1");
        Require(CropLayers is >= 0 and <= MostLayers, nameof(CropLayers), CropLayers, $"0..{MostLayers}");
        Require(CropOverlap is >= 0 and < 1, nameof(CropOverlap), CropOverlap, "0 or more, below 1");
        Require(SmallestRegion >= 0, nameof(SmallestRegion), SmallestRegion, "0 or more pixels");
        Require(CropPointDivisor >= 1, nameof(CropPointDivisor), CropPointDivisor, "1 or more");
    }

    private static void Require(bool condition, string member, object found, string expected)
    {
        if (!condition)
        {
            throw new CloudsException(Failure.Usage, "an option is out of range", $"{nameof(EverythingOptions)}.{member}",
                string.Create(CultureInfo.InvariantCulture, $"{found}"), expected, "correct the option");
        }
    }
}
