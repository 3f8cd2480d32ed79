using System.Buffers.Binary;
using Clouds.Diagnostics;

namespace Clouds.Native.Images;

/// <summary>
/// Refuses a picture whose bytes cannot hold the size that its header declares, before memory is taken for it. Each format has a largest expansion; where
/// it has none (one colour without loss takes no bytes at all in WebP, and a white line of a fax one bit), a small picture passes and a large one has
/// to bring some bytes.
/// </summary>
internal static class DeclaredSize
{
    // A pixel takes three bytes: 48 MiB do no harm.
    private const long Harmless = 16 << 20;

    // Where a format has no limit; one colour without loss was seen to take a byte for 26,000 pixels in WebP.
    private const int Boundless = 8192;

    // Every block of 8 x 8 takes a bit of the first scan.
    private const int JpegPixels = 512;

    // A macroblock of 16 x 16 takes three bits of modes at least.
    private const int WebpPixels = 1024;

    /// <summary>Checks a picture.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="width">Pixels a row, as declared.</param>
    /// <param name="height">Rows, as declared.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="CloudsException">BadInput, with both sizes.</exception>
    public static void Check(ReadOnlySpan<byte> file, int width, int height, string name)
    {
        long pixels = (long)width * height;
        long least = file switch
        {
            [0xFF, 0xD8, ..] => pixels / JpegPixels,
            [0x89, (byte)'P', ..] => PngBytes(file, name),
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', ..] => IsLossless(file) ? Unlimited(pixels) : pixels / WebpPixels,
            _ when TiffHeader.Find(file) is TiffHeader tiff => tiff.Expansion is int expansion ? tiff.RawBytes / expansion : Unlimited(tiff.Pixels),
            _ => 0,
        };
        if (file.Length < least)
        {
            throw new CloudsException(
                Failure.BadInput,
                "the image's bytes cannot hold its size",
                name,
                $"{file.Length} bytes that declare {width} x {height} pixels",
                $"at least {least} bytes, or a smaller size",
                "copy or download the file again, or leave it out of the data set");
        }
    }

    private static long Unlimited(long pixels) => Math.Max(0, pixels - Harmless) / Boundless;

    private static long PngBytes(ReadOnlySpan<byte> file, string name)
    {
        const int Header = 16;
        return file.Length < Header + PngHeader.Bytes ? 0 : PngHeader.Parse(file.Slice(Header, PngHeader.Bytes), name).LeastBytes;
    }

    // Chunks: four letters, length, content, and a byte where that is odd.
    private static bool IsLossless(ReadOnlySpan<byte> file)
    {
        long position = 12;
        while (position + 8 <= file.Length)
        {
            ReadOnlySpan<byte> chunk = file[(int)position..];
            if (chunk.StartsWith("VP8L"u8) || chunk.StartsWith("ANMF"u8))
            {
                return true;
            }

            uint length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            position += 8L + length + (length & 1);
        }

        return false;
    }
}
