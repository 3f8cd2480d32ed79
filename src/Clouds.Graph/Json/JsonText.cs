using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Clouds.Diagnostics;

namespace Clouds.Graph.Json;

/// <summary>The bytes behind the values: parses them, and finds the place of any piece of them.</summary>
internal sealed class JsonText
{
    // Settings and descriptions nest five deep, weight files three.
    private const int MaxDepth = 32;

    private readonly ReadOnlyMemory<byte> _bytes;

    /// <param name="bytes">The text; it must not change while values are in use.</param>
    /// <param name="origin">Where it comes from.</param>
    public JsonText(ReadOnlyMemory<byte> bytes, JsonOrigin origin)
    {
        // Some editors put a byte-order mark in front, which JSON does not allow.
        _bytes = origin.ByHand && bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        Origin = origin;
    }

    public JsonOrigin Origin { get; }

    /// <summary>Parses the text.</summary>
    /// <returns>The value at the top, and whether something may be wrong with it that only a look at every value will find.</returns>
    public (JsonElement Top, bool Suspect) Parse()
    {
        if (!Utf8.IsValid(_bytes.Span))
        {
            throw Damaged(PlaceAt(FirstInvalid()), "", "bytes that are no UTF-8");
        }

        // Half of a surrogate pair takes an escape. A key that stands twice is found by the framework, which does not say where.
        return _bytes.Span.IndexOf("\\u"u8) < 0 && EachKeyOnce() is JsonElement top ? (top, false) : (KeysTwice(), true);
    }

    /// <summary>Where a piece of the text starts.</summary>
    /// <param name="piece">A part of the text.</param>
    /// <param name="before">Bytes before it that belong to it, such as the quotation mark of a key.</param>
    public JsonPlace PlaceOf(ReadOnlySpan<byte> piece, int before = 0) =>
        PlaceAt((int)Unsafe.ByteOffset(in MemoryMarshal.GetReference(_bytes.Span), in MemoryMarshal.GetReference(piece)) - before);

    /// <summary>The complaint that the text is no JSON.</summary>
    public CloudsException Damaged(JsonPlace at, string key, string found, Exception? inner = null) => Origin.Complaint($"{Origin.Noun} is not valid JSON",
        at, key, found, Origin.ByHand ? "JSON; comments and trailing commas are allowed" : "JSON to the letter", $"correct line {at.Line}", inner);

    private JsonElement? EachKeyOnce()
    {
        try
        {
            return JsonDocument.Parse(_bytes, Options(twice: false)).RootElement;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private JsonElement KeysTwice()
    {
        try
        {
            return JsonDocument.Parse(_bytes, Options(twice: true)).RootElement;
        }
        catch (JsonException e)
        {
            // The framework's message ends in the same place, counted from 0.
            string message = e.Message.Split(" LineNumber: ")[0];
            JsonPlace at = new(1 + (int)(e.LineNumber ?? 0), 1 + (int)(e.BytePositionInLine ?? 0));
            throw Damaged(at, "", $"{message} Line {at.Line}, byte {at.Column}", e);
        }
    }

    private JsonDocumentOptions Options(bool twice) => new()
    {
        AllowDuplicateProperties = twice,
        AllowTrailingCommas = Origin.ByHand,
        CommentHandling = Origin.ByHand ? JsonCommentHandling.Skip : JsonCommentHandling.Disallow,
        MaxDepth = MaxDepth,
    };

    private JsonPlace PlaceAt(int offset)
    {
        ReadOnlySpan<byte> before = _bytes.Span[..offset];
        return new(1 + before.Count((byte)'\n'), 1 + Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]));
    }

    private int FirstInvalid()
    {
        Utf8.ToUtf16(_bytes.Span, new char[_bytes.Length], out int valid, out _, replaceInvalidSequences: false);
        return valid;
    }
}
