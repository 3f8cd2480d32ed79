using System.Buffers.Binary;
using System.IO.Compression;
using Clouds.Native.Images;

namespace Clouds.Tests.Native.Images;

/// <summary>Writes PNG of every kind, one plain line after the other, for the reader's tests: all filters, Adam7, any depth.</summary>
internal sealed record PngWriter(int Width, int Height, int Bits, int Colour, int Channels)
{
    private static readonly (int X, int Y, int Right, int Down)[] Passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>Filter of every row; -1 takes them in turn.</summary>
    public int Filter { get; init; } = -1;

    /// <summary>Whether to write the seven passes of Adam7.</summary>
    public bool Interlaced { get; init; }

    /// <summary>Palette of colour type 3, R G B; black where it is not given.</summary>
    public byte[]? Palette { get; init; }

    /// <summary>The file.</summary>
    /// <param name="sample">Value of column, row, channel.</param>
    public byte[] Encode(Func<int, int, int, int> sample) => Wrap(Compress(Raw(sample)));

    /// <summary>The file around a given zlib stream.</summary>
    public byte[] Wrap(byte[] compressed)
    {
        using MemoryStream file = new();
        file.Write(PngChunks.Signature);
        PngChunks.Append(file, "IHDR"u8, Header());
        if (Colour == 3)
        {
            PngChunks.Append(file, "PLTE"u8, Palette ?? new byte[3 << Bits]);
        }

        // Two pieces, as real files have many.
        PngChunks.Append(file, "IDAT"u8, compressed.AsSpan(0, compressed.Length / 2));
        PngChunks.Append(file, "IDAT"u8, compressed.AsSpan(compressed.Length / 2));
        PngChunks.Append(file, "IEND"u8, []);
        return file.ToArray();
    }

    /// <summary>A zlib stream of the bytes.</summary>
    public static byte[] Compress(ReadOnlySpan<byte> raw)
    {
        using MemoryStream compressed = new();
        using (ZLibStream stream = new(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            stream.Write(raw);
        }

        return compressed.ToArray();
    }

    private byte[] Header()
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        header[8] = (byte)Bits;
        header[9] = (byte)Colour;
        header[12] = Interlaced ? (byte)1 : (byte)0;
        return header;
    }

    private byte[] Raw(Func<int, int, int, int> sample)
    {
        using MemoryStream raw = new();
        foreach ((int x0, int y0, int right, int down) in Interlaced ? Passes : [(0, 0, 1, 1)])
        {
            int[] columns = [.. Enumerable.Range(0, Width).Where(x => x >= x0 && (x - x0) % right == 0)];
            int[] rows = [.. Enumerable.Range(0, Height).Where(y => y >= y0 && (y - y0) % down == 0)];
            byte[]? above = null;
            foreach (int y in columns.Length == 0 ? [] : rows)
            {
                byte[] row = Pack([.. columns.SelectMany(x => Enumerable.Range(0, Channels).Select(c => sample(x, y, c)))]);
                int filter = Filter < 0 ? y % 5 : Filter;
                raw.WriteByte((byte)filter);
                raw.Write(Filtered(filter, row, above ?? new byte[row.Length]));
                above = row;
            }
        }

        return raw.ToArray();
    }

    private byte[] Pack(int[] samples)
    {
        byte[] row = new byte[((samples.Length * Bits) + 7) / 8];
        for (int i = 0; i < samples.Length; i++)
        {
            for (int bit = 0; bit < Bits; bit++)
            {
                int position = (i * Bits) + bit;
                int value = (samples[i] >> (Bits - 1 - bit)) & 1;
                row[position / 8] |= (byte)(value << (7 - (position % 8)));
            }
        }

        return row;
    }

    private byte[] Filtered(int filter, byte[] row, byte[] above)
    {
        int distance = Math.Max(1, Channels * Bits / 8);
        return [.. row.Select((value, i) =>
        {
            int left = i < distance ? 0 : row[i - distance];
            int corner = i < distance ? 0 : above[i - distance];
            return (byte)(value - Prediction(filter, left, above[i], corner));
        })];
    }

    private static int Prediction(int filter, int left, int up, int corner)
    {
        if (filter < 4)
        {
            return filter switch { 0 => 0, 1 => left, 2 => up, _ => (left + up) / 2 };
        }

        int estimate = left + up - corner;
        int[] byDistance = [.. new[] { left, up, corner }.OrderBy(value => Math.Abs(estimate - value))];
        return byDistance[0];
    }
}
