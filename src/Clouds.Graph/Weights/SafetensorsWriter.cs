using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Graph.Weights;

/// <summary>
/// Writes a safetensors file. The tensors are declared first, because the header comes first; then each is written in
/// the declared order, in as many pieces as is convenient, so that nothing but the caller's spans is held in memory.
/// The file appears under its name on <see cref="Commit"/> only, and carries the digest of its content.
/// </summary>
/// <example>
/// <code>
/// using SafetensorsWriter writer = new(path, [new("weight", WeightType.F32, [64, 3])]);
/// writer.Write&lt;float&gt;("weight", values);
/// writer.Commit();
/// </code>
/// </example>
public sealed class SafetensorsWriter : IDisposable
{
    // A span holds less than 2 GB, a tensor may have more.
    private const int Piece = 1 << 24;

    private readonly IReadOnlyList<TensorDeclaration> _tensors;
    private readonly AtomicFile _file;
    private readonly ContentDigest _digest;
    private int _current;
    private long _written;

    /// <summary>Starts a file and writes its header.</summary>
    /// <param name="path">Final name; missing folders are made.</param>
    /// <param name="tensors">Declarations in the order in which they will be written; names differ.</param>
    /// <param name="metadata">Free-form strings for the header, in which the digest is added; null for none.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Output"/>: the folder cannot be written.</exception>
    public SafetensorsWriter(string path, IReadOnlyList<TensorDeclaration> tensors, IReadOnlyDictionary<string, string>? metadata = null)
        : this(tensors, metadata, () => new AtomicFile(path))
    {
    }

    internal SafetensorsWriter(IReadOnlyList<TensorDeclaration> tensors, IReadOnlyDictionary<string, string>? metadata, Func<AtomicFile> open)
    {
        RequireNames(tensors);
        _tensors = tensors;
        byte[] header = Header(tensors, metadata);
        _file = open();
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        _digest = ContentDigest.ToWrite(header, length.Length);
        Put(length);
        Put(header);
    }

    /// <summary>Writes the next piece of a tensor.</summary>
    /// <typeparam name="T">An element type of the declared size; its bytes are written as they are.</typeparam>
    /// <param name="name">The tensor whose turn it is.</param>
    /// <param name="values">Elements in C order, following those written before.</param>
    public void Write<T>(string name, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        SkipFinished();
        if (_current == _tensors.Count || _tensors[_current].Name != name)
        {
            string turn = _current == _tensors.Count ? "all tensors are complete" : $"'{_tensors[_current].Name}' is next";
            throw new InvalidOperationException($"Tensor '{name}' is written out of turn: {turn}.");
        }

        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values);
        if (_written + bytes.Length > _tensors[_current].Bytes)
        {
            throw new InvalidOperationException($"Tensor '{name}' gets more bytes than {_tensors[_current]} holds.");
        }

        Put(bytes);
        _written += bytes.Length;
    }

    /// <summary>Writes an array; the same as the span form, with the type inferred.</summary>
    public void Write<T>(string name, T[] values)
        where T : unmanaged => Write(name, (ReadOnlySpan<T>)values);

    /// <summary>Writes a whole tensor of another file, whose type and shape were declared.</summary>
    /// <param name="name">The tensor whose turn it is.</param>
    /// <param name="tensor">Its elements.</param>
    public void Copy(string name, TensorEntry tensor)
    {
        for (long done = 0; done < tensor.Elements; done += Piece)
        {
            Write(name, tensor.Slice(done, (int)Math.Min(Piece, tensor.Elements - done)));
        }
    }

    /// <summary>Checks that every tensor is complete, forces the file to the disk and gives it its name.</summary>
    /// <param name="kept">Name in the same folder that the file gets which stood there before; null: it is gone.</param>
    public void Commit(string? kept = null)
    {
        SkipFinished();
        if (_current < _tensors.Count)
        {
            throw new InvalidOperationException($"Tensor '{_tensors[_current].Name}' is incomplete: {_written} of {_tensors[_current].Bytes} bytes.");
        }

        _file.Rewrite(_digest.Place, _digest.Value());
        _file.Commit(kept);
    }

    /// <summary>Gives up a file that was not committed; what stood under the name before is untouched.</summary>
    public void Dispose() => _file.Dispose();

    private void Put(ReadOnlySpan<byte> bytes)
    {
        _digest.Append(bytes);
        _file.Write(bytes);
    }

    private void SkipFinished()
    {
        while (_current < _tensors.Count && _written == _tensors[_current].Bytes)
        {
            _current++;
            _written = 0;
        }
    }

    private static void RequireNames(IReadOnlyList<TensorDeclaration> tensors)
    {
        HashSet<string> names = ["__metadata__"];
        if (tensors.FirstOrDefault(tensor => !names.Add(tensor.Name)) is TensorDeclaration twice)
        {
            throw new ArgumentException($"Tensor '{twice.Name}' is declared twice or has a reserved name.", nameof(tensors));
        }
    }

    // Padded with spaces to a multiple of 8, so that mapped tensors of a float file stay aligned.
    private static byte[] Header(IReadOnlyList<TensorDeclaration> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            WriteMetadata(json, new([.. metadata ?? new Dictionary<string, string>()]) { [ContentDigest.MetadataKey] = ContentDigest.Blank });
            long offset = 0;
            foreach (TensorDeclaration tensor in tensors)
            {
                WriteEntry(json, tensor, offset);
                offset += tensor.Bytes;
            }

            json.WriteEndObject();
        }

        while (stream.Length % 8 != 0)
        {
            stream.WriteByte((byte)' ');
        }

        return stream.ToArray();
    }

    private static void WriteMetadata(Utf8JsonWriter json, Dictionary<string, string> metadata)
    {
        json.WriteStartObject("__metadata__");
        // Sorted, so that the same content gives the same bytes.
        foreach (KeyValuePair<string, string> pair in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            json.WriteString(pair.Key, pair.Value);
        }

        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, TensorDeclaration tensor, long offset)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", tensor.Type.Spelling());
        json.WriteStartArray("shape");
        foreach (long dimension in tensor.Shape)
        {
            json.WriteNumberValue(dimension);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(offset + tensor.Bytes);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

/// <summary>A tensor that is going to be written.</summary>
/// <param name="Name">Name as published.</param>
/// <param name="Type">Element type in the file.</param>
/// <param name="Shape">Dimensions, slowest first; empty for a scalar.</param>
public sealed record TensorDeclaration(string Name, WeightType Type, IReadOnlyList<long> Shape)
{
    /// <summary>Length in the file.</summary>
    public long Bytes { get; } = Shape.Aggregate((long)Type.Size(), (product, dimension) => checked(product * dimension));

    /// <summary>Type and shape as messages show them.</summary>
    public override string ToString() => $"{Type.Spelling()} [{string.Join(", ", Shape)}]";
}
