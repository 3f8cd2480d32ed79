using System.Buffers.Binary;

namespace Clouds.Native.Images;

/// <summary>
/// Finds JPEG data that somebody or some disk has overwritten with zeros: decoders make gray blocks of them, and complain only if the codes do not
/// happen to use them up. No encoder writes long runs of zeros, unless zeros are its code for "no more in this block".
/// </summary>
internal static class JpegZeros
{
    private const int Longest = 64;

    private const byte Start = 0xD8;
    private const byte Tables = 0xC4;
    private const byte Progressive = 0xC2;
    private const byte Scan = 0xDA;

    /// <summary>Bytes of the longest run of zeros in the data of a baseline JPEG; 0 for runs that an encoder might have written, and for other files.</summary>
    public static int Inside(ReadOnlySpan<byte> file)
    {
        byte[] firstCodes = new byte[16];
        int position = file.StartsWith([(byte)0xFF, Start]) ? 2 : file.Length;
        while (position + 4 <= file.Length && file[position] == 0xFF)
        {
            byte marker = file[position + 1];
            int length = BinaryPrimitives.ReadUInt16BigEndian(file[(position + 2)..]);
            ReadOnlySpan<byte> body = file[Math.Min(file.Length, position + 4)..Math.Min(file.Length, position + 2 + Math.Max(2, length))];
            position += 2 + length;
            if (marker == Progressive)
            {
                return 0;
            }

            if (marker == Tables)
            {
                ReadTables(body, firstCodes);
            }
            else if (marker == Scan)
            {
                // The table of the first component, which is the brightness; symbol 0 ends a block.
                bool zerosEndABlock = body.Length < 3 || firstCodes[body[2] & 15] == 0;
                return zerosEndABlock || position > file.Length ? 0 : LongestRun(file[position..]);
            }
        }

        return 0;
    }

    // Class and number, sixteen counts of codes by length, then the symbols: the first one's code is all zeros.
    private static void ReadTables(ReadOnlySpan<byte> body, Span<byte> firstCodes)
    {
        while (body.Length > 17)
        {
            int symbols = 0;
            foreach (byte count in body.Slice(1, 16))
            {
                symbols += count;
            }

            if (body[0] >> 4 == 1)
            {
                firstCodes[body[0] & 15] = body[17];
            }

            body = body[Math.Min(body.Length, 17 + symbols)..];
        }
    }

    // To the end marker: what stands behind it may be padded with zeros.
    private static int LongestRun(ReadOnlySpan<byte> data)
    {
        data = data.IndexOf([(byte)0xFF, (byte)0xD9]) is int marker and >= 0 ? data[..marker] : data;
        int longest = 0;
        while (data.IndexOf((byte)0) is int start and >= 0)
        {
            data = data[start..];
            int run = data.IndexOfAnyExcept((byte)0) is int end and >= 0 ? end : data.Length;
            longest = Math.Max(longest, run);
            data = data[run..];
        }

        return longest < Longest ? 0 : longest;
    }
}
