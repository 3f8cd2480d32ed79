using System.Text;

namespace Clouds.Graph.Weights.Pickle;

/// <summary>Bytes, a long text or a long number of a pickle, left where they are.</summary>
internal sealed record PickleBytes(MappedFile File, long Offset, long Count)
{
    /// <summary>Memory that one takes.</summary>
    public const int Cost = 48;

    /// <summary>Longer texts name nothing.</summary>
    public const int LongestText = 4096;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The bytes as text, as Python 2 writes its texts; null where they are too many or no text.</summary>
    public string? AsText() => Count <= LongestText ? Decode(Span()) : null;

    /// <summary>The bytes, less than 2 GB of them.</summary>
    public ReadOnlySpan<byte> Span() => File.Span(Offset, checked((int)Count));

    /// <summary>The text; null where the bytes are not UTF-8.</summary>
    public static string? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
