namespace Clouds.Runtime.Kernels;

/// <summary>
/// Sizes of a depthwise convolution of stride 1 that keeps the size of its planes, and how a plane is laid out for it: rows one behind the other, k / 2 zeros
/// between them that serve as the right edge of one and the left edge of the next, k / 2 rows of zeros above and below. Every tap is then one shift of the
/// whole plane.
/// </summary>
/// <param name="Images">N.</param>
/// <param name="Channels">C.</param>
/// <param name="Height">H.</param>
/// <param name="Width">W.</param>
/// <param name="Kernel">k, odd.</param>
public readonly record struct DepthwiseShape(int Images, int Channels, int Height, int Width, int Kernel)
{
    /// <summary>Results that are added up at a time.</summary>
    internal const int Block = 4 * Lanes.Count;

    /// <summary>Taps whose sums a pass over a plane adds up at a time.</summary>
    internal const int TapsAtOnce = 7;

    /// <summary>Elements of x and y.</summary>
    public long Elements => (long)Planes * Pixels;

    /// <summary>Channels of all images: units of the forward pass.</summary>
    public int Planes => checked(Images * Channels);

    /// <summary>H·W.</summary>
    public int Pixels => checked(Height * Width);

    /// <summary>k².</summary>
    public int Taps => Kernel * Kernel;

    /// <summary>Elements of the weight.</summary>
    public int Weights => checked(Channels * Taps);

    /// <summary>Zeros on each side.</summary>
    internal int Pad => Kernel / 2;

    /// <summary>Floats from one row to the next.</summary>
    internal int Stride => Width + Pad;

    /// <summary>Floats from the first of a plane to behind the last, gaps among them, in whole blocks.</summary>
    internal int Run => ((Height * Stride) + Block - 1) / Block * Block;

    /// <summary>Where the first element of a plane lies.</summary>
    internal int Origin => Pad + (Pad * Stride);

    /// <summary>Floats of a plane with its edges: whole blocks shifted by the last tap stay inside.</summary>
    internal int PlaneFloats => Run + Shift(Taps - 1);

    /// <summary>How far the plane is shifted for a tap, from its first zero on.</summary>
    internal int Shift(int tap) => (tap / Kernel * Stride) + (tap % Kernel);
}
