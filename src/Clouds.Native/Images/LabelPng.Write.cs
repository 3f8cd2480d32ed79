using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Native.Images;

/// <content>Writing.</content>
public static partial class LabelPng
{
    /// <summary>Writes ids 0..255 as 8-bit gray, completely or not at all.</summary>
    /// <exception cref="CloudsException">Output, where the file cannot be written.</exception>
    /// <exception cref="ArgumentException">An id above 255.</exception>
    public static void WriteGray8(string path, LabelMap map) => AtomicFile.WriteAllBytes(path, EncodeGray8(map));

    /// <summary>Writes ids 0..65535 as 16-bit gray, completely or not at all.</summary>
    /// <exception cref="CloudsException">Output, where the file cannot be written.</exception>
    public static void WriteGray16(string path, LabelMap map) => AtomicFile.WriteAllBytes(path, EncodeGray16(map));

    /// <summary>Writes ids 0..255 as palette indices, so that viewers show class colours; completely or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="map">The ids.</param>
    /// <param name="colours">Colour of id i at position i, at most 256; missing ones are black.</param>
    /// <exception cref="CloudsException">Output, where the file cannot be written.</exception>
    /// <exception cref="ArgumentException">An id above 255 or more than 256 colours.</exception>
    public static void WritePalette(string path, LabelMap map, IReadOnlyList<RgbColour> colours) => AtomicFile.WriteAllBytes(path, EncodePalette(map, colours));

    /// <summary>The bytes of an 8-bit gray PNG.</summary>
    public static byte[] EncodeGray8(LabelMap map) => Encode(map, PngColour.Gray, 8, []);

    /// <summary>The bytes of a 16-bit gray PNG.</summary>
    public static byte[] EncodeGray16(LabelMap map) => Encode(map, PngColour.Gray, 16, []);

    /// <summary>The bytes of an 8-bit palette PNG with 256 colours.</summary>
    public static byte[] EncodePalette(LabelMap map, IReadOnlyList<RgbColour> colours)
    {
        if (colours.Count > 256)
        {
            throw new ArgumentException($"{colours.Count} colours; a palette holds 256", nameof(colours));
        }

        byte[] palette = new byte[3 * 256];
        for (int i = 0; i < colours.Count; i++)
        {
            (palette[3 * i], palette[(3 * i) + 1], palette[(3 * i) + 2]) = (colours[i].R, colours[i].G, colours[i].B);
        }

        return Encode(map, PngColour.Palette, 8, palette);
    }

    private static byte[] Encode(LabelMap map, PngColour colour, int bits, ReadOnlySpan<byte> palette)
    {
        using MemoryStream file = new();
        file.Write(PngChunks.Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, map.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], map.Height);
        header[8] = (byte)bits;
        header[9] = (byte)colour;
        header[10..].Clear();
        PngChunks.Append(file, "IHDR"u8, header);
        if (!palette.IsEmpty)
        {
            PngChunks.Append(file, "PLTE"u8, palette);
        }

        PngChunks.Append(file, "IDAT"u8, Compress(map, bits));
        PngChunks.Append(file, "IEND"u8, []);
        return file.ToArray();
    }

    // Filter 0: ids are not a signal, differences between them do not compress better.
    private static byte[] Compress(LabelMap map, int bits)
    {
        using MemoryStream data = new();
        using (ZLibStream stream = new(data, CompressionLevel.Optimal, leaveOpen: true))
        {
            byte[] row = new byte[1 + (map.Width * bits / 8)];
            for (int y = 0; y < map.Height; y++)
            {
                Pack(map.Ids.AsSpan(y * map.Width, map.Width), bits, row.AsSpan(1));
                stream.Write(row);
            }
        }

        return data.ToArray();
    }

    private static void Pack(ReadOnlySpan<ushort> ids, int bits, Span<byte> row)
    {
        if (bits == 16)
        {
            BinaryPrimitives.ReverseEndianness(ids, MemoryMarshal.Cast<byte, ushort>(row));
        }
        else if (WideIds.Narrow(ids, row) > byte.MaxValue)
        {
            throw new ArgumentException("an id above 255 does not fit 8 bits; write 16-bit gray instead", nameof(ids));
        }
    }
}
