using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Clouds.Native.Tokenizers;

/// <summary>Files packed with gzip: unpacked whole, within a limit, and held against the check sum and the length at their end.</summary>
internal static class GzipText
{
    private const int TrailerBytes = 8;

    public static bool IsPacked(ReadOnlySpan<byte> file) => file.StartsWith([(byte)0x1F, (byte)0x8B]);

    /// <summary>What is packed in a file of one part.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">BadInput: damaged, truncated, or larger than the limit.</exception>
    public static byte[] Unpack(byte[] file, int most, string name)
    {
        try
        {
            using GZipStream packed = new(new MemoryStream(file), CompressionMode.Decompress);
            byte[] text = ReadUpTo(packed, most, name);
            ReadOnlySpan<byte> trailer = file.AsSpan(Math.Max(0, file.Length - TrailerBytes));
            bool whole = trailer.Length == TrailerBytes
                && BinaryPrimitives.ReadUInt32LittleEndian(trailer) == Crc32.HashToUInt32(text)
                && BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) == (uint)text.Length;
            return whole ? text : throw ClipVocabulary.Damaged(name, "another check sum than the one at its end", "the file as it was packed");
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw ClipVocabulary.Damaged(name, e.Message, "the file as it was packed", e);
        }
    }

    private static byte[] ReadUpTo(Stream packed, int most, string name)
    {
        using MemoryStream text = new();
        byte[] piece = new byte[1 << 16];
        for (int read; (read = packed.Read(piece)) > 0;)
        {
            text.Write(piece, 0, read);
            if (text.Length > most)
            {
                throw ClipVocabulary.Damaged(name, $"over {most} bytes unpacked", $"at most {most}");
            }
        }

        return text.ToArray();
    }
}
