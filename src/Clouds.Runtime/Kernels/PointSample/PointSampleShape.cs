namespace Clouds.Runtime.Kernels;

/// <summary>Sizes of a point sampling.</summary>
/// <param name="Images">N.</param>
/// <param name="Channels">C.</param>
/// <param name="Height">H.</param>
/// <param name="Width">W.</param>
/// <param name="Points">P, points an image.</param>
public readonly record struct PointSampleShape(int Images, int Channels, int Height, int Width, int Points)
{
    /// <summary>Squares between pixel centres, the outer half ones included.</summary>
    public long Cells => (Height + 1L) * (Width + 1L);

    /// <summary>Planes, all images'.</summary>
    public int Planes => checked(Images * Channels);

    /// <summary>Floats of the points' coordinates.</summary>
    public long Coordinates => 2L * Images * Points;

    /// <summary>Elements of the input.</summary>
    public long Inputs => (long)Images * Channels * Height * Width;

    /// <summary>Elements of the output.</summary>
    public long Outputs => (long)Images * Channels * Points;
}
