namespace Clouds.Native.Images;

/// <summary>An 8-bit RGB image: rows top to bottom, pixels left to right, R G B interleaved, no padding between rows.</summary>
/// <param name="Width">Pixels a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Pixels">3 · Width · Height bytes, 0..255; owned by the image.</param>
public sealed record RgbImage(int Width, int Height, byte[] Pixels)
{
    /// <summary>A black image.</summary>
    public RgbImage(int width, int height)
        : this(width, height, new byte[3 * width * height])
    {
    }
}
