namespace Clouds.Native.Images;

/// <summary>
/// An 8-bit RGB image: rows top to bottom, pixels left to right, R G B interleaved, no padding between rows. Two images are equal where they are the same
/// object; pixels are compared as spans.
/// </summary>
public sealed class RgbImage
{
    /// <summary>An image over pixels that are there.</summary>
    /// <param name="width">Pixels a row, 0 or more.</param>
    /// <param name="height">Rows, 0 or more.</param>
    /// <param name="pixels">3 · width · height bytes; the image's from now on.</param>
    /// <exception cref="ArgumentException">A size below 0, or another number of bytes.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        ArgumentOutOfRangeException.ThrowIfNegative(height);
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.Length != 3L * width * height)
        {
            throw new ArgumentException($"{pixels.Length} bytes for {width} x {height} pixels of 3 bytes", nameof(pixels));
        }

        (Width, Height, Pixels) = (width, height, pixels);
    }

    /// <summary>A black image.</summary>
    public RgbImage(int width, int height)
        : this(width, height, new byte[checked(3 * width * height)])
    {
    }

    /// <summary>Pixels a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>3 · Width · Height bytes, 0..255; owned by the image.</summary>
    public byte[] Pixels { get; }
}
