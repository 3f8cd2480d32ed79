namespace Clouds.Native.Refinement;

/// <summary>What became of a component.</summary>
public enum ComponentFate
{
    /// <summary>It has a mask.</summary>
    Prompted,

    /// <summary>It has no more pixels than <see cref="RefinementOptions.SizeThreshold"/>.</summary>
    TooSmall,

    /// <summary>Too few of its pixels may carry points: it got none, and no mask.</summary>
    TooFewPoints,
}

/// <summary>A connected component of one class of the given label map, and what became of it.</summary>
public sealed class RefinedComponent
{
    internal RefinedComponent()
    {
    }

    /// <summary>Its number in the record: by class, then by first pixel in raster order, dropped ones behind the others.</summary>
    public required int Number { get; init; }

    /// <summary>Train id of its pixels.</summary>
    public required int Class { get; init; }

    /// <summary>Pixels.</summary>
    public required int Area { get; init; }

    /// <summary>Leftmost column.</summary>
    public required int X { get; init; }

    /// <summary>Top row.</summary>
    public required int Y { get; init; }

    /// <summary>Columns of its box.</summary>
    public required int Width { get; init; }

    /// <summary>Rows of its box.</summary>
    public required int Height { get; init; }

    /// <summary>y · width of the image + x of its first pixel in raster order.</summary>
    public required int FirstPixel { get; init; }

    /// <summary>Whether it was kept, and why not.</summary>
    public ComponentFate Fate { get; internal set; }

    /// <summary>Points that masks were asked for with, in pixels; empty where there is no mask.</summary>
    public IReadOnlyList<(int X, int Y)> Points { get; internal set; } = [];

    /// <summary>Overlap with the truth (IoU) that the network expects of each of its three masks; empty where there is no mask.</summary>
    public IReadOnlyList<float> Scores { get; internal set; } = [];

    /// <summary>Which of the three was taken, 0..2: the best score, the first among equals; −1 where there is no mask.</summary>
    public int Chosen { get; internal set; } = -1;

    /// <summary>
    /// Train id that the mask went to: <see cref="Class"/>, unless <see cref="RefinementOptions.EmulateCountBug"/> shifts it; −1 without a mask.
    /// </summary>
    public int MaskClass { get; internal set; } = -1;

    /// <summary>Pixels of the mask.</summary>
    public int MaskArea { get; internal set; }

    /// <summary>Pixels of the mask on which it clashes with other masks, by the rule of <see cref="RefinementOptions.Overlap"/>.</summary>
    public int Conflicts { get; internal set; }

    /// <summary>Its three masks, in the order of <see cref="Scores"/>; empty where there are none, or masks were not to be kept.</summary>
    public IReadOnlyList<PixelMask> Masks { get; internal set; } = [];

    /// <summary>The chosen one of <see cref="Masks"/>, or null.</summary>
    public PixelMask? Mask => Masks.Count > 0 ? Masks[Chosen] : null;
}
