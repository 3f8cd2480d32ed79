namespace Clouds.Runtime.Kernels;

/// <summary>Which pixels are neighbours.</summary>
public enum Connectivity
{
    /// <summary>Left, right, above, below.</summary>
    Four,

    /// <summary>The diagonals too.</summary>
    Eight,
}

/// <summary>A connected component of one class; pixels, borders inclusive.</summary>
/// <param name="Class">Value of its pixels.</param>
/// <param name="Area">Number of its pixels.</param>
/// <param name="X0">Leftmost column.</param>
/// <param name="Y0">Top row.</param>
/// <param name="X1">Rightmost column.</param>
/// <param name="Y1">Bottom row.</param>
/// <param name="FirstPixel">y · width + x of its first pixel in raster order.</param>
public readonly record struct Component(int Class, int Area, int X0, int Y0, int X1, int Y1, int FirstPixel)
{
    /// <summary>Columns of the box.</summary>
    public int Width => X1 - X0 + 1;

    /// <summary>Rows of the box.</summary>
    public int Height => Y1 - Y0 + 1;
}

/// <summary>What counts as a component.</summary>
/// <param name="Connectivity">The reference code's: four.</param>
/// <param name="LargerThan">Components of this many pixels or fewer are dropped (reference code: 5,000).</param>
/// <param name="Excluded">Classes that form no components; null = 255 only, which is always excluded.</param>
public sealed record ComponentRule(Connectivity Connectivity = Connectivity.Four, int LargerThan = 0, IReadOnlyCollection<byte>? Excluded = null)
{
    /// <summary>The class of pixels without a label.</summary>
    public const byte Ignore = 255;

    /// <summary>1 for classes that form components, 0 for others.</summary>
    internal void FillKept(Span<byte> kept)
    {
        kept.Fill(1);
        kept[Ignore] = 0;
        foreach (byte excluded in Excluded ?? [])
        {
            kept[excluded] = 0;
        }
    }

    /// <summary>The same as one bit a class, 32 classes a word.</summary>
    internal uint[] Bitmap()
    {
        uint[] kept = [.. Enumerable.Repeat(uint.MaxValue, 8)];
        foreach (byte excluded in (Excluded ?? []).Append(Ignore))
        {
            kept[excluded >> 5] &= ~(1u << (excluded & 31));
        }

        return kept;
    }
}
