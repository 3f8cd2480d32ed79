using System.IO.Compression;
using System.Text;
using Clouds.Diagnostics;

namespace Clouds.Native.Images;

/// <summary>Texts that PNG files carry beside their pixels (PNG specification, section 11.3.3): written as iTXt, read as iTXt, tEXt or zTXt.</summary>
internal static class PngText
{
    private const int AfterHeader = 33;
    private const uint International = 0x69545874;
    private const uint Plain = 0x74455874;
    private const uint Compressed = 0x7A545874;
    private const uint End = 0x49454E44;
    private const int Longest = 1 << 24;

    /// <summary>The file with a text behind its header; the pixels are the same.</summary>
    /// <param name="png">A whole PNG file.</param>
    /// <param name="keyword">What the text is, 1 to 79 letters.</param>
    /// <param name="text">Any text.</param>
    public static byte[] With(ReadOnlySpan<byte> png, string keyword, string text)
    {
        using MemoryStream file = new(png.Length + text.Length + 64);
        file.Write(png[..AfterHeader]);
        PngChunks.Append(file, "iTXt"u8, [.. Encoding.Latin1.GetBytes(keyword), 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(text)]);
        file.Write(png[AfterHeader..]);
        return file.ToArray();
    }

    /// <summary>The text of a keyword; null: there is none.</summary>
    /// <exception cref="CloudsException">BadInput: no PNG, cut short, or damaged.</exception>
    public static string? Find(ReadOnlySpan<byte> png, string keyword, string name)
    {
        if (!png.StartsWith(PngChunks.Signature))
        {
            throw PngChunks.Damaged(name, "no PNG signature", "a PNG file");
        }

        int position = PngChunks.Signature.Length;
        string? found = null;
        uint type;
        do
        {
            ReadOnlySpan<byte> body = PngChunks.Next(png, ref position, name, out type);
            int end = type is International or Plain or Compressed ? body.IndexOf((byte)0) : -1;
            found ??= end >= 0 && Encoding.Latin1.GetString(body[..end]) == keyword ? TextOf(type, body[(end + 1)..], name) : null;
        }
        while (type != End);

        return found;
    }

    // iTXt: whether it is compressed, how, language and keyword in that language, each with a zero behind it; zTXt: how it is compressed.
    private static string? TextOf(uint type, ReadOnlySpan<byte> rest, string name)
    {
        switch (type)
        {
            case Plain:
                return Encoding.Latin1.GetString(rest);
            case Compressed when rest.Length > 1:
                return Encoding.Latin1.GetString(Inflate(rest[1..], name));
            case International when rest.Length > 2 && rest[2..].IndexOf((byte)0) is >= 0 and int language:
                ReadOnlySpan<byte> translated = rest[(2 + language + 1)..];
                int end = translated.IndexOf((byte)0);
                return end < 0 ? null : Encoding.UTF8.GetString(rest[0] == 0 ? translated[(end + 1)..] : Inflate(translated[(end + 1)..], name));
            default:
                return null;
        }
    }

    private static byte[] Inflate(ReadOnlySpan<byte> compressed, string name)
    {
        try
        {
            using ZLibStream stream = new(new MemoryStream(compressed.ToArray()), CompressionMode.Decompress);
            using MemoryStream text = new();
            byte[] part = new byte[1 << 14];
            for (int read = stream.Read(part); read > 0 && text.Length < Longest; read = stream.Read(part))
            {
                text.Write(part, 0, read);
            }

            return text.ToArray();
        }
        catch (InvalidDataException e)
        {
            throw PngChunks.Damaged(name, "a compressed text that cannot be read", "a zlib stream", e);
        }
    }
}
