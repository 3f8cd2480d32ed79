using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Native.Images;

/// <summary>
/// Label maps as PNG. Reading gives the stored numbers, never colours: gray of 8 and 16 bits as it is, palette images by index,
/// and below 8 bits as <see cref="LabelScale"/> says. Colour images have numbers only where their channels agree, or in the red
/// one by the format's definition, as SYNTHIA's (method.md section 6.1).
/// An own reader, because image libraries expand palettes to colours and stretch low bit depths.
/// </summary>
public static partial class LabelPng
{
    // First column, first row, column step, row step of each pass (PNG specification, section 8.2).
    private static readonly (int X, int Y, int Right, int Down)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private static readonly (int X, int Y, int Right, int Down)[] OnePass = [(0, 0, 1, 1)];

    /// <summary>Reads a label file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="redIsId">Whether the red channel of 16-bit colour is the id, whatever the others hold; no other colour has an id.</param>
    /// <param name="scale">How less than 8 bits are read.</param>
    /// <exception cref="CloudsException">BadInput: missing, no PNG, truncated, damaged, coloured, of two readings or beyond the size limits.</exception>
    public static LabelMap Read(string path, bool redIsId = false, LabelScale scale = LabelScale.Unstated) =>
        Decode(WholeFile.Read(path, ImageLimits.FileBytes), path, redIsId, scale);

    /// <summary>Reads a label file from a stream, from where it stands to its end; the stream stays open.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="redIsId">As for the other <see cref="Read(string, bool, LabelScale)"/>.</param>
    /// <param name="scale">How less than 8 bits are read.</param>
    /// <exception cref="CloudsException">BadInput: as for a file, or the stream fails.</exception>
    public static LabelMap Read(Stream stream, string name = "label image", bool redIsId = false, LabelScale scale = LabelScale.Unstated)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Decode(WholeStream.Read(stream, name), name, redIsId, scale);
    }

    /// <summary>Decodes the bytes of a label file.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="redIsId">As for <see cref="Read(string, bool, LabelScale)"/>.</param>
    /// <param name="scale">How less than 8 bits are read.</param>
    /// <exception cref="CloudsException">BadInput: no PNG, truncated, damaged, coloured, of two readings or beyond the size limits.</exception>
    public static LabelMap Decode(ReadOnlySpan<byte> bytes, string name = "label image", bool redIsId = false, LabelScale scale = LabelScale.Unstated)
    {
        (PngHeader header, byte[] palette, byte[] compressed) = PngChunks.Read(bytes, name);
        LabelMap first = Channel(header, compressed, 0, name);
        if (header.Channels >= 3 && !(redIsId && header.Bits == 16))
        {
            LabelColourCheck.ThrowIfColoured(first, Channel(header, compressed, 1, name), Channel(header, compressed, 2, name), name);
        }

        LabelDepth.Apply(first, header, palette, scale, name);
        return first;
    }

    private static LabelMap Channel(PngHeader header, byte[] compressed, int channel, string name)
    {
        using ZLibStream stream = new(new MemoryStream(compressed), CompressionMode.Decompress);
        try
        {
            LabelMap map = new(header.Width, header.Height);
            foreach ((int X, int Y, int Right, int Down) pass in header.Interlaced ? Adam7 : OnePass)
            {
                ReadPass(stream, header, channel, pass, map, name);
            }

            // Reading past the last row also makes the decoder check the stream's own checksum.
            return stream.ReadByte() < 0 ? map : throw PngChunks.Damaged(name,
                "more pixels than the header announces", $"{header.Width} x {header.Height} pixels");
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw PngChunks.Damaged(name, $"damaged compressed data: {e.Message}", "a zlib stream", e);
        }
    }

    private static void ReadPass(
        ZLibStream stream, PngHeader header, int channel, (int X, int Y, int Right, int Down) pass, LabelMap map, string name)
    {
        int pixels = (header.Width - pass.X + pass.Right - 1) / pass.Right;
        int rows = (header.Height - pass.Y + pass.Down - 1) / pass.Down;
        if (pixels <= 0 || rows <= 0)
        {
            return;
        }

        byte[] current = new byte[1 + header.RowBytes(pixels)];
        byte[] above = new byte[current.Length];
        ushort[] ids = pass.Right == 1 ? [] : new ushort[pixels];
        for (int row = 0; row < rows; row++)
        {
            int y = pass.Y + (row * pass.Down);
            ReadRow(stream, current, name, y);
            if (!PngFilter.Undo(current[0], current.AsSpan(1), above.AsSpan(1), header.FilterDistance))
            {
                throw PngChunks.Damaged(name, $"row filter {current[0]} in row {y}", "0 to 4");
            }

            Span<ushort> line = map.Ids.AsSpan(y * header.Width, header.Width);
            Unpack(current.AsSpan(1 + (channel * header.Bits / 8)), header, ids.Length == 0 ? line : ids);
            for (int i = 0; i < ids.Length; i++)
            {
                line[pass.X + (i * pass.Right)] = ids[i];
            }

            (current, above) = (above, current);
        }
    }

    private static void ReadRow(ZLibStream stream, Span<byte> row, string name, int y)
    {
        int read = stream.ReadAtLeast(row, row.Length, throwOnEndOfStream: false);
        if (read < row.Length)
        {
            throw PngChunks.Damaged(name, $"compressed data that ends in row {y}", "pixels for every row");
        }
    }

    private static void Unpack(ReadOnlySpan<byte> row, PngHeader header, Span<ushort> ids)
    {
        switch (header.Bits)
        {
            case 8 when header.Channels == 1:
                WideIds.Widen(row, ids);
                break;
            case 8:
                EveryByte(row, header.Channels, ids);
                break;
            case 16 when header.Channels == 1:
                BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, ushort>(row), ids);
                break;
            case 16:
                EveryWord(row, 2 * header.Channels, ids);
                break;
            default:
                Bits(row, header.Bits, ids);
                break;
        }
    }

    private static void EveryByte(ReadOnlySpan<byte> row, int step, Span<ushort> ids)
    {
        for (int i = 0, from = 0; i < ids.Length; i++, from += step)
        {
            ids[i] = row[from];
        }
    }

    private static void EveryWord(ReadOnlySpan<byte> row, int step, Span<ushort> ids)
    {
        for (int i = 0, from = 0; i < ids.Length; i++, from += step)
        {
            ids[i] = (ushort)((row[from] << 8) | row[from + 1]);
        }
    }

    // The leftmost pixel is in the highest bits.
    private static void Bits(ReadOnlySpan<byte> row, int bits, Span<ushort> ids)
    {
        int perByte = 8 / bits;
        int mask = (1 << bits) - 1;
        for (int i = 0; i < ids.Length; i++)
        {
            int shift = 8 - (bits * ((i % perByte) + 1));
            ids[i] = (ushort)((row[i / perByte] >> shift) & mask);
        }
    }
}
