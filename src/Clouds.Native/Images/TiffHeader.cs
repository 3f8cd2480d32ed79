namespace Clouds.Native.Images;

/// <summary>What the first directory of a TIFF says of its size (TIFF 6.0, section 2; BigTIFF likewise with wider numbers).</summary>
internal sealed class TiffHeader
{
    // Tag by tag, with what a directory leaves out.
    private readonly Dictionary<long, long> _values = new()
    {
        [Tag.Width] = 0, [Tag.Height] = 0, [Tag.Bits] = 1, [Tag.Compression] = 1, [Tag.Samples] = 1,
    };

    /// <summary>Pixels of the picture.</summary>
    public long Pixels => _values[Tag.Width] * _values[Tag.Height];

    /// <summary>Bytes of the picture without compression.</summary>
    public long RawBytes => Pixels * _values[Tag.Bits] * _values[Tag.Samples] / 8;

    /// <summary>Bytes that one compressed byte becomes at most; null: no such limit is known.</summary>
    public int? Expansion => _values[Tag.Compression] switch
    {
        // Colour at half resolution takes half the bytes.
        1 => 2,

        // Strings of at most 4096 bytes for codes of 12 bits.
        5 => 2731,
        8 or 32946 => 1032,

        // A repetition: two bytes for 128.
        32773 => 64,
        _ => null,
    };

    /// <summary>Reads the directory.</summary>
    /// <returns>Null where the file is no TIFF, or so damaged that nothing of the kind is in it.</returns>
    public static TiffHeader? Find(ReadOnlySpan<byte> file)
    {
        bool little = file.StartsWith("II"u8);
        bool big = file.Length > 16 && Number(file[2..], 2, little) == 43;
        if ((!little && !file.StartsWith("MM"u8)) || file.Length < 16 || (!big && Number(file[2..], 2, little) != 42))
        {
            return null;
        }

        (int wide, int count, int entry) = big ? (8, 8, 20) : (4, 2, 12);
        long directory = Number(file[(big ? 8 : 4)..], wide, little);
        if (directory < 0 || directory > file.Length - count)
        {
            return null;
        }

        TiffHeader header = new();
        ReadOnlySpan<byte> entries = file[(int)directory..];
        long entriesLeft = Math.Min(Number(entries, count, little), (entries.Length - count) / entry);
        for (int i = 0; i < entriesLeft; i++)
        {
            header.Take(entries.Slice(count + (i * entry), entry), wide, little);
        }

        return header;
    }

    // Numbers of several samples stand elsewhere in the file; no picture of several has less than 8 bits in each.
    private void Take(ReadOnlySpan<byte> entry, int wide, bool little)
    {
        long tag = Number(entry, 2, little);
        long type = Number(entry[2..], 2, little);
        long values = Number(entry[4..], wide, little);
        int bytes = type switch { 1 => 1, 3 => 2, 4 => 4, 16 when wide == 8 => 8, _ => 0 };
        if (_values.ContainsKey(tag) && bytes > 0)
        {
            _values[tag] = values == 1 ? Math.Clamp(Number(entry[(4 + wide)..], bytes, little), 0, int.MaxValue) : 8;
        }
    }

    private static long Number(ReadOnlySpan<byte> bytes, int length, bool little)
    {
        ulong number = 0;
        for (int i = 0; i < length; i++)
        {
            number |= (ulong)bytes[i] << (8 * (little ? i : length - 1 - i));
        }

        return (long)number;
    }

    private static class Tag
    {
        public const int Width = 256;
        public const int Height = 257;
        public const int Bits = 258;
        public const int Compression = 259;
        public const int Samples = 277;
    }
}
