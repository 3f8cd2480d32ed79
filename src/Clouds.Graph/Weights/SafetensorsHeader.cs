using Clouds.Diagnostics;
using Clouds.Graph.Json;

namespace Clouds.Graph.Weights;

/// <summary>
/// Reads the JSON header of a safetensors file and believes nothing it says: every length, offset and shape is checked
/// against the file before any byte of data is touched.
/// </summary>
internal sealed class SafetensorsHeader
{
    // More dimensions than this occur in no real file.
    private const int MaxRank = 16;

    private const string Next = "the file is damaged or was not written by safetensors: fetch or export it again";

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
        // A copy: whoever can write the file could otherwise change the text between its check and its use.
        header.Read(StrictJson.Parse(json.ToArray(), new JsonOrigin("the header of the safetensors file", file.Path, Failure.Weights, Next)));
        header.CheckOverlaps();
        return header;
    }

    private void Read(StrictJson header)
    {
        foreach (StrictJson member in header.Members())
        {
            if (member.Name == "__metadata__")
            {
                ReadMetadata(member);
            }
            else
            {
                Tensors.Add(member.Name!, ReadTensor(member));
            }
        }
    }

    private void ReadMetadata(StrictJson metadata)
    {
        foreach (StrictJson entry in metadata.Members())
        {
            Metadata.Add(entry.Name!, entry.TextOrEmpty());
        }
    }

    private TensorEntry ReadTensor(StrictJson tensor)
    {
        IReadOnlyList<StrictJson> fields = tensor.Exactly("dtype", "shape", "data_offsets");
        (StrictJson type, StrictJson shape, StrictJson offsets) = (fields[0], fields[1], fields[2]);
        WeightType known = WeightTypes.Parse(type.Text()) ?? throw type.Wrong($"one of {WeightTypes.Spellings}");
        return offsets.Counts(2) is [long begin, long end]
            ? Check(tensor.Name!, known, shape.Counts(MaxRank), begin, end)
            : throw offsets.Wrong("two numbers: the first byte and the one behind the last");
    }

    private TensorEntry Check(string name, WeightType type, long[] shape, long begin, long end)
    {
        long dataBytes = _file.Bytes - _data;
        if (begin > end || end > dataBytes)
        {
            throw Hostile("a tensor lies outside the file", Place(name), $"bytes {begin}..{end}", $"bytes within 0..{dataBytes}, first before last");
        }

        long? bytes = type.ByteCount(shape);
        if (bytes != end - begin)
        {
            string wanted = bytes is null ? "a size beyond 63 bits" : $"{bytes} bytes";
            throw Hostile(
                "a tensor's shape does not fit its bytes", Place(name), $"{end - begin} bytes", $"{wanted} for {type.Spelling()} [{string.Join(", ", shape)}]");
        }

        return new TensorEntry(name, type, Array.AsReadOnly(shape), _file, _data + begin, end - begin);
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

    private string Place(string tensor) => $"{_file.Path}, tensor '{tensor}'";

    private static CloudsException Hostile(string what, string where, string found, string expected) =>
        new(Failure.Weights, what, where, found, expected, Next);
}
