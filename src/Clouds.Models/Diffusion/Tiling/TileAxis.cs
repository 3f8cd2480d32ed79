namespace Clouds.Models.Diffusion.Tiling;

/// <summary>A piece of an axis.</summary>
/// <param name="From">First place.</param>
/// <param name="Length">Places.</param>
public readonly record struct TileSpan(int From, int Length)
{
    /// <summary>One behind the last place.</summary>
    public int End => From + Length;
}

/// <summary>How an axis is cut into tiles that overlap by a fourth, as diffusers does; the last may be shorter.</summary>
public static class TileAxis
{
    /// <summary>What a tile is long is a multiple of this, so that what overlaps is whole.</summary>
    public const int Quarters = 4;

    /// <summary>The tiles.</summary>
    /// <param name="length">Places of the axis.</param>
    /// <param name="tile">Places of a tile, a multiple of four; 0, or no fewer than there are: one tile.</param>
    public static IReadOnlyList<TileSpan> Of(int length, int tile)
    {
        List<TileSpan> spans = [new(0, tile == 0 ? length : Math.Min(tile, length))];
        while (spans[^1].End < length)
        {
            int from = spans[^1].From + (tile - (tile / Quarters));
            spans.Add(new TileSpan(from, Math.Min(tile, length - from)));
        }

        return spans;
    }
}
