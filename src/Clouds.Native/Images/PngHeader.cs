using System.Buffers.Binary;
using Clouds.Diagnostics;

namespace Clouds.Native.Images;

/// <summary>How a PNG stores a pixel (PNG specification, section 11.2.2).</summary>
internal enum PngColour
{
    /// <summary>One gray sample.</summary>
    Gray = 0,

    /// <summary>Red, green, blue.</summary>
    Rgb = 2,

    /// <summary>An index into the palette.</summary>
    Palette = 3,

    /// <summary>Gray, alpha.</summary>
    GrayAlpha = 4,

    /// <summary>Red, green, blue, alpha.</summary>
    Rgba = 6,
}

/// <summary>The IHDR chunk of a PNG.</summary>
/// <param name="Width">Pixels a row, within <see cref="ImageLimits"/>.</param>
/// <param name="Height">Rows, within <see cref="ImageLimits"/>.</param>
/// <param name="Bits">Bits a sample: 1, 2, 4, 8 or 16.</param>
/// <param name="Colour">Samples of a pixel.</param>
/// <param name="Interlaced">Whether the rows come in the seven passes of Adam7.</param>
internal sealed record PngHeader(int Width, int Height, int Bits, PngColour Colour, bool Interlaced)
{
    /// <summary>Bytes of an IHDR chunk.</summary>
    public const int Bytes = 13;

    // Deflate shrinks at most 1032 to 1; what claims more cannot be complete.
    private const long LargestExpansion = 1032;

    /// <summary>Compressed bytes that the rows need at least.</summary>
    public long LeastBytes => Math.Max(1, (long)Height * RowBytes(Width) / LargestExpansion);

    /// <summary>Samples a pixel.</summary>
    public int Channels => Colour switch
    {
        PngColour.Gray or PngColour.Palette => 1,
        PngColour.GrayAlpha => 2,
        PngColour.Rgb => 3,
        PngColour.Rgba => 4,
        _ => throw new InvalidOperationException($"PNG colour type {Colour}"),
    };

    /// <summary>Bytes from a sample to the same sample of the pixel before, at least 1: the distance that row filters use.</summary>
    public int FilterDistance => Math.Max(1, Channels * Bits / 8);

    /// <summary>Bytes of a row of the given pixels, without its filter byte.</summary>
    public int RowBytes(int pixels) => checked((int)((((long)pixels * Channels * Bits) + 7) / 8));

    /// <summary>Reads the 13 bytes of an IHDR chunk.</summary>
    /// <exception cref="CloudsException">BadInput, where the values are not allowed or the size is beyond the limits.</exception>
    public static PngHeader Parse(ReadOnlySpan<byte> data, string name)
    {
        if (data.Length != Bytes)
        {
            throw PngChunks.Damaged(name, $"an IHDR chunk of {data.Length} bytes", $"{Bytes} bytes");
        }

        ImageLimits.Check(BinaryPrimitives.ReadUInt32BigEndian(data), BinaryPrimitives.ReadUInt32BigEndian(data[4..]), name);
        int bits = data[8];
        int colour = data[9];
        bool allowed = colour switch
        {
            0 => bits is 1 or 2 or 4 or 8 or 16,
            3 => bits is 1 or 2 or 4 or 8,
            2 or 4 or 6 => bits is 8 or 16,
            _ => false,
        };
        if (!allowed || data[10] != 0 || data[11] != 0 || data[12] > 1)
        {
            throw PngChunks.Damaged(
                name, $"bit depth {bits}, colour type {colour}, methods {data[10]}, {data[11]}, {data[12]}", "a combination that the PNG standard allows");
        }

        int width = BinaryPrimitives.ReadInt32BigEndian(data);
        int height = BinaryPrimitives.ReadInt32BigEndian(data[4..]);
        return new PngHeader(width, height, bits, (PngColour)colour, data[12] == 1);
    }
}
