using Clouds.Graph.Weights.Pickle;

namespace Clouds.Graph.Weights.Torch;

/// <summary>
/// Bytes as Python 3 writes them into pickles of protocol 2, which has no bytes: a text, a character for each, and the name of a code table. They are
/// decoded where an array asks for them.
/// </summary>
internal sealed class Latin1Text
{
    // A page of memory for each.
    private const int Cost = 8192;
    private const int Ascii = 0x80;

    private readonly object _text;

    private Latin1Text(object text) => _text = text;

    /// <summary>What the call makes of (text, code table); data that nobody reads where it is another table.</summary>
    public static object Of(object?[] items) => items is [string or PickleBytes, object table, ..] && PickleKey.Text(table) is "latin1" or "latin-1"
        ? new Latin1Text(items[0]!)
        : new PickleData("bytes");

    /// <summary>The bytes, in memory of their own.</summary>
    /// <exception cref="Diagnostics.CloudsException">Weights: a character is no byte.</exception>
    public PickleBytes Decode(PickleReader reader)
    {
        ReadOnlySpan<byte> utf8 = _text switch
        {
            PickleBytes { Count: > int.MaxValue } => throw reader.Refuse("an array that Python wrote as a text is too large", "2 GB and more", "less",
                "save it with protocol 4 or later"),
            PickleBytes text => text.Span(),
            _ => System.Text.Encoding.UTF8.GetBytes((string)_text),
        };
        int count = Count(utf8);
        reader.Charge(Cost + count);
        MappedFile memory = MappedFile.InMemory($"text at {reader.Position}/", count);
        int done = 0;
        foreach (ref byte value in memory.Writable(0, count))
        {
            value = Next(utf8, ref done) ?? throw reader.Refuse("a text of a pickle that stands for bytes has characters that are none", $"at {done}",
                "characters of Latin-1");
        }

        return new PickleBytes(memory, 0, count);
    }

    private static int Count(ReadOnlySpan<byte> utf8)
    {
        int count = 0;
        foreach (byte unit in utf8)
        {
            count += (unit & 0xC0) == Ascii ? 0 : 1;
        }

        return count;
    }

    // Characters below 128 are a byte in UTF-8, those up to 255 two: 110000xx 10xxxxxx.
    private static byte? Next(ReadOnlySpan<byte> utf8, ref int done)
    {
        byte first = utf8[done++];
        return first < Ascii ? first
            : (first & 0xFC) == 0xC0 && done < utf8.Length && (utf8[done] & 0xC0) == Ascii ? (byte)((first << 6) | (utf8[done++] & 0x3F))
            : null;
    }
}
