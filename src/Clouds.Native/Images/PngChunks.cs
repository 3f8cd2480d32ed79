using System.Buffers.Binary;
using System.IO.Hashing;
using Clouds.Diagnostics;

namespace Clouds.Native.Images;

/// <summary>The container of a PNG: signature, chunks with checksums, header and compressed data.</summary>
internal static class PngChunks
{
    private const uint HeaderType = 0x49484452;
    private const uint PaletteType = 0x504C5445;
    private const uint DataType = 0x49444154;
    private const uint EndType = 0x49454E44;

    /// <summary>The eight bytes every PNG starts with.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Walks the chunks, checks each checksum and joins the compressed data.</summary>
    /// <returns>The header, the palette's colours (R G B, empty where there is none) and the zlib stream of all IDAT chunks.</returns>
    /// <exception cref="CloudsException">BadInput: no PNG, truncated, a wrong checksum, a size beyond the limits, too little data for the size.</exception>
    public static (PngHeader Header, byte[] Palette, byte[] Compressed) Read(ReadOnlySpan<byte> file, string name)
    {
        if (!file.StartsWith(Signature))
        {
            throw Damaged(name, "no PNG signature", "a PNG file");
        }

        PngHeader? header = null;
        byte[] palette = [];
        using MemoryStream data = new(file.Length);
        int position = Signature.Length;
        uint type;
        do
        {
            ReadOnlySpan<byte> body = Next(file, ref position, name, out type);
            if (header is null != (type == HeaderType))
            {
                throw Damaged(name, $"a chunk {NameOf(type)} at byte {position - body.Length - 12}", "one IHDR chunk, first in the file");
            }

            header ??= PngHeader.Parse(body, name);
            palette = type == PaletteType ? body.ToArray() : palette;
            if (type == DataType)
            {
                data.Write(body);
            }
        }
        while (type != EndType);

        CheckExpansion(header, data.Length, name);
        return (header, palette, data.ToArray());
    }

    /// <summary>Appends one chunk: length, type, body, checksum.</summary>
    /// <param name="file">Where to.</param>
    /// <param name="type">Four ASCII letters.</param>
    /// <param name="body">The chunk's content.</param>
    public static void Append(Stream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> body)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, body.Length);
        file.Write(number);
        file.Write(type);
        file.Write(body);
        Crc32 checksum = new();
        checksum.Append(type);
        checksum.Append(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, checksum.GetCurrentHashAsUInt32());
        file.Write(number);
    }

    /// <summary>A PNG that cannot be read.</summary>
    public static CloudsException Damaged(string name, string found, string expected, Exception? inner = null) => new(
        Failure.BadInput,
        "the PNG cannot be decoded",
        name,
        found,
        expected,
        "copy or download the file again, or leave it out of the data set",
        inner);

    /// <summary>The chunk at a position, checked, and where the next one is.</summary>
    /// <exception cref="CloudsException">BadInput: the file ends in it, or its checksum is wrong.</exception>
    public static ReadOnlySpan<byte> Next(ReadOnlySpan<byte> file, ref int position, string name, out uint type)
    {
        ReadOnlySpan<byte> rest = file[position..];
        uint length = rest.Length >= 12 ? BinaryPrimitives.ReadUInt32BigEndian(rest) : 0;
        if (rest.Length < 12 || length > rest.Length - 12)
        {
            throw Damaged(name, $"the file ends after {file.Length} bytes, inside a chunk that starts at byte {position}", "a complete file");
        }

        type = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
        ReadOnlySpan<byte> checkedPart = rest.Slice(4, (int)length + 4);
        uint stored = BinaryPrimitives.ReadUInt32BigEndian(rest[((int)length + 8)..]);
        uint computed = Crc32.HashToUInt32(checkedPart);
        if (stored != computed)
        {
            throw Damaged(name, $"checksum {stored:X8} of chunk {NameOf(type)} at byte {position}", $"{computed:X8}");
        }

        position += (int)length + 12;
        return checkedPart[4..];
    }

    private static void CheckExpansion(PngHeader header, long compressed, string name)
    {
        if (compressed < header.LeastBytes)
        {
            throw Damaged(name, $"{compressed} bytes of compressed data for {header.Width} x {header.Height} pixels",
                $"at least {header.LeastBytes} bytes");
        }
    }

    private static string NameOf(uint type)
    {
        Span<char> letters = stackalloc char[4];
        for (int i = 0; i < 4; i++)
        {
            char letter = (char)((type >> (24 - (8 * i))) & 255);
            letters[i] = char.IsAsciiLetter(letter) ? letter : '?';
        }

        return new string(letters);
    }
}
