using Clouds.Diagnostics;
using Clouds.Graph.Onnx;

namespace Clouds.Graph.Weights;

/// <summary>
/// Opens the initialisers of an ONNX model: in the model itself where they lie there as bytes or as fractions, in files of its folder, or, where they are
/// written as whole numbers of changing length, in memory.
/// </summary>
internal sealed class OnnxWeights
{
    /// <summary>What the format is called.</summary>
    public const string Format = "ONNX";

    private const int GraphField = 7;
    private const int InitializerField = 5;
    private const int SparseField = 15;
    private const int NewestFormat = 40;
    private const long FreeBytes = 16 << 20;

    // Vectors of 64 bytes read tensors best from such places.
    private const long Alignment = 64;

    private readonly MappedFile _file;
    private readonly List<MappedFile> _files;
    private readonly Dictionary<string, MappedFile> _outside = new(StringComparer.Ordinal);
    private readonly List<(OnnxStoredTensor Tensor, WeightType Type, long Bytes)> _numbers = [];
    private readonly Dictionary<string, TensorEntry> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private long _memory;

    private OnnxWeights(MappedFile file) => (_file, _files, _memory) = (file, [file], FreeBytes + (2 * file.Bytes));

    /// <summary>Whether a file starts as ONNX models do: with the number of the format's version.</summary>
    public static bool Recognises(ReadOnlySpan<byte> head) => head.Length > 2 && head[0] == 8 && head[1] is > 0 and < NewestFormat && (head[2] & 7) is 0 or 2;

    /// <param name="asked">What the user gave, for messages.</param>
    /// <param name="file">The file; it belongs to the result.</param>
    /// <exception cref="CloudsException">Weights: damaged, hostile, or a file beside the model is missing.</exception>
    public static WeightSource Open(string asked, MappedFile file)
    {
        OnnxWeights model = new(file);
        try
        {
            model.Read();
            return new WeightSource(asked, model._files, model._tensors, model._metadata) { Format = Format };
        }
        catch
        {
            model._files.Skip(1).ToList().ForEach(other => other.Dispose());
            throw;
        }
    }

    private void Read()
    {
        bool graph = false;
        for (ProtoReader model = new(_file, 0, _file.Bytes); model.Next();)
        {
            if (model is { Field: GraphField, IsBytes: true })
            {
                graph = true;
                ReadGraph(model.Inner());
            }

            Describe(model);
        }

        if (!graph)
        {
            throw Refuse("the file holds no ONNX graph", null, $"{_file.Bytes} bytes", "an ONNX model");
        }

        ReadNumbers();
    }

    private void ReadGraph(ProtoReader graph)
    {
        while (graph.Next())
        {
            if (graph is { Field: InitializerField, IsBytes: true })
            {
                Add(OnnxStoredTensor.Read(graph.Inner(), Charge));
            }
            else if (graph.Field == SparseField)
            {
                throw Refuse("the model has sparse weights", null, "sparse initialisers", "dense ones");
            }
        }
    }

    private void Add(OnnxStoredTensor tensor)
    {
        WeightType type = WeightTypes.Of((Building.ElementType)tensor.DataType)
            ?? throw Refuse("the elements of a tensor are of a type that is not read", tensor.Name, $"type {tensor.DataType} of ONNX", WeightTypes.Spellings);
        long bytes = type.ByteCount(tensor.Shape) ?? throw Refuse("a tensor's shape makes no sense", tensor.Name,
            $"[{string.Join(", ", tensor.Shape)}]", "extents of 0 or more, together less than 2^63 bytes");
        if (tensor.IsOutside)
        {
            Add(tensor, type, bytes, Outside(tensor, bytes));
        }
        else if (tensor.InPlace(type) is (long offset, long length))
        {
            Add(tensor, type, bytes, (_file, offset, length));
        }
        else
        {
            Charge(bytes);
            _numbers.Add((tensor, type, bytes));
        }
    }

    private void Add(OnnxStoredTensor tensor, WeightType type, long bytes, (MappedFile File, long Offset, long Bytes) place)
    {
        if (place.Bytes != bytes)
        {
            throw Refuse("a tensor's shape does not fit its bytes", tensor.Name, $"{place.Bytes} bytes",
                $"{bytes} bytes for {type.Spelling()} [{string.Join(", ", tensor.Shape)}]");
        }

        if (!_tensors.TryAdd(tensor.Name, new TensorEntry(tensor.Name, type, tensor.Shape, place.File, place.Offset, bytes)))
        {
            throw Refuse("two tensors of a file have one name", tensor.Name, "two initialisers", "one");
        }
    }

    private void ReadNumbers()
    {
        if (_numbers.Count == 0)
        {
            return;
        }

        MappedFile block = MappedFile.InMemory($"{_file.Name}/numbers", _numbers.Sum(number => Aligned(number.Bytes)));
        _files.Add(block);
        long offset = 0;
        foreach ((OnnxStoredTensor tensor, WeightType type, long bytes) in _numbers)
        {
            Add(tensor, type, bytes, (block, offset, tensor.WriteTo(block, offset, type, bytes)));
            offset += Aligned(bytes);
        }
    }

    private void Charge(long bytes)
    {
        _memory -= Math.Min(bytes, long.MaxValue - Alignment) + Alignment;
        if (_memory < 0)
        {
            throw Refuse("the tensors of a model are larger than its file can mean", null, "more than twice the size of the file", "tensors that are there");
        }
    }

    private static long Aligned(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    private (MappedFile File, long Offset, long Bytes) Outside(OnnxStoredTensor tensor, long bytes)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(_file.Path))!;
        string path = ExternalFiles.Find(folder, tensor.Location, out string? fault)
            ?? throw Refuse($"the elements of a tensor lie where the model may not send anybody: it {fault}", tensor.Name, null, "a file beside the model");
        if (!_outside.TryGetValue(path, out MappedFile? file))
        {
            file = MappedFile.Open(path);
            _files.Add(file);
            _outside.Add(path, file);
        }

        long length = tensor.Length ?? bytes;
        return tensor.Start >= 0 && length >= 0 && length <= file.Bytes && tensor.Start <= file.Bytes - length ? (file, tensor.Start, length)
            : throw Refuse("a tensor lies outside the file beside the model", tensor.Name,
                $"bytes {tensor.Start} + {length}", $"within the {file.Bytes} bytes of {tensor.Location}");
    }

    // Field 2: program; 3: its version; 14: free-form pairs.
    private void Describe(ProtoReader model)
    {
        if (model is { Field: 2 or 3, IsBytes: true })
        {
            _metadata[model.Field == 2 ? "producer_name" : "producer_version"] = model.Text();
        }
        else if (model is { Field: 14, IsBytes: true })
        {
            Charge(200 + (2 * model.Bytes));
            (string key, string value) = OnnxStoredTensor.Pair(model.Inner());
            _metadata[key] = value;
        }
    }

    private CloudsException Refuse(string what, string? tensor, string? found, string expected) => new(Failure.Weights, what,
        tensor is null ? _file.Path : $"{_file.Path}, tensor '{tensor}'", found, expected, "do not use this file; get the model again from where it came from");
}
