using System.Text.Json;
using Clouds.Diagnostics;

namespace Clouds.Graph.Weights;

/// <summary>
/// Reads the JSON header of a safetensors file and believes nothing it says: every length, offset and shape is checked
/// against the file before any byte of data is touched.
/// </summary>
internal sealed class SafetensorsHeader
{
    // Deeper nesting or more dimensions than this occur in no real file.
    private const int MaxRank = 16;

    private readonly MappedFile _file;
    private readonly long _data;

    private SafetensorsHeader(MappedFile file, long data) => (_file, _data) = (file, data);

    public Dictionary<string, TensorEntry> Tensors { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Parses and checks a header.</summary>
    /// <param name="file">The file.</param>
    /// <param name="json">The header's bytes; trailing spaces are padding.</param>
    /// <param name="data">First byte behind the header.</param>
    public static SafetensorsHeader Parse(MappedFile file, ReadOnlySpan<byte> json, long data)
    {
        SafetensorsHeader header = new(file, data);
        try
        {
            header.Read(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // Utf8JsonReader reports text that is no valid UTF-8 as InvalidOperationException.
            throw header.Hostile("the header is not the JSON of a safetensors file", file.Path, e.Message.ReplaceLineEndings(" "), "an object of tensors", e);
        }

        header.CheckOverlaps();
        return header;
    }

    private void Read(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = 8 });
        Expect(ref reader, JsonTokenType.StartObject);
        bool metadata = false;
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (name == "__metadata__" && !metadata)
            {
                metadata = true;
                ReadMetadata(ref reader);
            }
            else if (name == "__metadata__" || !Tensors.TryAdd(name, ReadTensor(ref reader, name)))
            {
                throw Hostile("a tensor stands twice in the header", Place(name), "two entries of one name", "one");
            }
        }

        while (reader.Read())
        {
            // The reader itself refuses anything but spaces behind the object.
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject);
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            Expect(ref reader, JsonTokenType.String);
            Metadata[key] = reader.GetString()!;
        }
    }

    private TensorEntry ReadTensor(ref Utf8JsonReader reader, string name)
    {
        WeightType? type = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        Expect(ref reader, JsonTokenType.StartObject);
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            switch (reader.GetString())
            {
                case "dtype" when type is null:
                    Expect(ref reader, JsonTokenType.String);
                    type = ReadType(reader.GetString()!, name);
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref reader, name, MaxRank);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref reader, name, 2);
                    break;
                case string field:
                    throw Hostile("a tensor's entry has a field that does not belong there", Place(name), field, "dtype, shape and data_offsets, once each");
            }
        }

        if (type is null || shape is null || offsets is not { Count: 2 })
        {
            throw Hostile("a tensor's entry is incomplete", Place(name), null, "dtype, shape and two data_offsets");
        }

        return Check(name, type.Value, shape, offsets[0], offsets[1]);
    }

    private WeightType ReadType(string spelling, string name) => WeightTypes.Parse(spelling)
        ?? throw Hostile("a tensor has an element type that is not read", Place(name), spelling, "F64, F32, F16, BF16, I64, I32, I16, I8, U8 or BOOL");

    private List<long> ReadNumbers(ref Utf8JsonReader reader, string name, int atMost)
    {
        List<long> numbers = [];
        Expect(ref reader, JsonTokenType.StartArray);
        while (Next(ref reader) != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0 || numbers.Count == atMost)
            {
                throw Hostile(
                    "a shape or an offset is not usable", Place(name), reader.TokenType.ToString(), $"at most {atMost} whole numbers, 0 or more, in 63 bits");
            }

            numbers.Add(number);
        }

        return numbers;
    }

    private TensorEntry Check(string name, WeightType type, List<long> shape, long begin, long end)
    {
        long dataBytes = _file.Bytes - _data;
        if (begin > end || end > dataBytes)
        {
            throw Hostile("a tensor lies outside the file", Place(name), $"bytes {begin}..{end}", $"bytes within 0..{dataBytes}, first before last");
        }

        long? bytes = ByteCount(type, shape);
        if (bytes != end - begin)
        {
            string wanted = bytes is null ? "a size beyond 63 bits" : $"{bytes} bytes";
            throw Hostile(
                "a tensor's shape does not fit its bytes", Place(name), $"{end - begin} bytes", $"{wanted} for {type.Spelling()} [{string.Join(", ", shape)}]");
        }

        return new TensorEntry(name, type, shape.AsReadOnly(), _file, _data + begin, end - begin);
    }

    // null where the product does not fit 63 bits.
    private static long? ByteCount(WeightType type, List<long> shape)
    {
        if (shape.Contains(0))
        {
            return 0;
        }

        Int128 bytes = type.Size();
        foreach (long dimension in shape)
        {
            bytes *= dimension;
            if (bytes > long.MaxValue)
            {
                return null;
            }
        }

        return (long)bytes;
    }

    // Gaps are let through: some writers align tensors, and bytes that belong to nobody can do no harm. Shared bytes can.
    private void CheckOverlaps()
    {
        TensorEntry? before = null;
        foreach (TensorEntry entry in Tensors.Values.Where(entry => entry.Bytes > 0).OrderBy(entry => entry.Offset))
        {
            if (before is not null && entry.Offset < before.Offset + before.Bytes)
            {
                throw Hostile("two tensors share bytes", Place(entry.Name),
                    $"starts at byte {entry.Offset - _data}, inside '{before.Name}'", $"{before.Offset + before.Bytes - _data} or later");
            }

            before = entry;
        }
    }

    private static JsonTokenType Next(ref Utf8JsonReader reader) => reader.Read() ? reader.TokenType : throw new JsonException("the header ends too early");

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType token)
    {
        if (Next(ref reader) != token)
        {
            throw new JsonException($"{reader.TokenType} at byte {reader.TokenStartIndex} where {token} should stand");
        }
    }

    private string Place(string tensor) => $"{_file.Path}, tensor '{tensor}'";

    private CloudsException Hostile(string what, string where, string? found, string expected, Exception? inner = null) =>
        new(Failure.Weights, what, where, found, expected, "the file is damaged or was not written by safetensors: fetch or export it again", inner);
}
