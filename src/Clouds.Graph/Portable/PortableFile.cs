using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Files;
using Clouds.Graph.Onnx;
using Clouds.Graph.Weights;
using Google.Protobuf;

namespace Clouds.Graph.Portable;

/// <summary>
/// A graph and its weights as an ONNX file for any runtime: standard operators only. It is written under a temporary name, to be looked at, and has its own
/// after <see cref="Commit"/>; whatever fails before leaves what stood there. Weights go from their map to the disk and are never in memory as a whole.
/// </summary>
public sealed class PortableFile : IDisposable
{
    private const long Alignment = 4096;

    private readonly AtomicFile _file;
    private readonly string? _newData;
    private readonly string? _data;
    private bool _committed;

    /// <summary>Writes a file.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="weights">Its parameters, under the same names.</param>
    /// <param name="path">Name of the model; missing folders are made.</param>
    /// <param name="form">How it is written.</param>
    /// <exception cref="CloudsException">Output: the disk is full, or the folder cannot be written; Numeric: a weight does not fit half precision.</exception>
    public PortableFile(GraphBuilder graph, FrozenWeights weights, string path, PortableForm form)
    {
        ModelProto model = StandardGraph.Of(graph, form);
        Dictionary<string, TensorEntry> tensors = weights.Tensors.ToDictionary(tensor => tensor.Name);
        HashSet<string> read = [.. model.Graph.Node.SelectMany(node => node.Input)];
        (Parameter Parameter, TensorEntry Tensor)[] stored =
            [.. graph.Parameters.Where(parameter => read.Contains(parameter.Name)).Select(parameter => (parameter, tensors[parameter.Name]))];
        Bytes = model.CalculateSize() + stored.Sum(pair => WeightBytes.Count(pair.Parameter));
        _file = new AtomicFile(path);
        try
        {
            if (form.DataBeside || Bytes > form.MostBytes - (stored.Length * 1024L))
            {
                (_data, bool isNew) = WriteData(model.Graph, stored);
                _newData = isNew ? _data : null;
                stored = [];
            }

            WriteModel(model, stored);
            Path = _file.Provisional();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where the model lies now: a file that a runtime can open.</summary>
    public string Path { get; }

    /// <summary>Bytes of model and weights.</summary>
    public long Bytes { get; }

    /// <summary>The file of weights beside the model; null: the model holds them.</summary>
    public string? Data => _data;

    /// <summary>Gives the file its name, in the place of what stood there, and removes data files of earlier versions.</summary>
    public void Commit()
    {
        _file.Commit();
        _committed = true;
        OnnxFile.RemoveStale(_file.Path, System.IO.Path.GetFileName(_data));
    }

    /// <summary>Removes what was written unless it was committed.</summary>
    public void Dispose()
    {
        _file.Dispose();
        if (!_committed && _newData is not null)
        {
            File.Delete(_newData);
        }
    }

    // A model is one message in which the graph is a message: weights are appended to its end, and their lengths are known beforehand.
    private void WriteModel(ModelProto model, (Parameter Parameter, TensorEntry Tensor)[] stored)
    {
        byte[] graph = model.Graph.ToByteArray();
        model.Graph = null;
        byte[][] heads = [.. stored.Select(pair => HeadOf(pair.Parameter))];
        long[] lengths = [.. heads.Zip(stored, (head, pair) => head.Length + WeightBytes.Count(pair.Parameter))];
        _file.Write(model.ToByteArray());
        WriteLength(ModelProto.GraphFieldNumber, graph.Length + lengths.Sum(length => Prefix(GraphProto.InitializerFieldNumber, length).Length + length));
        _file.Write(graph);
        WeightBytes bytes = new();
        for (int i = 0; i < stored.Length; i++)
        {
            WriteLength(GraphProto.InitializerFieldNumber, lengths[i]);
            _file.Write(heads[i]);
            bytes.CopyTo(stored[i].Tensor, stored[i].Parameter.Type, _file.Write);
        }
    }

    // All of a tensor in front of its elements.
    private static byte[] HeadOf(Parameter parameter)
    {
        TensorProto tensor = new() { Name = parameter.Name, DataType = (int)parameter.Type, Dims = { parameter.Shape.Sizes } };
        return [.. tensor.ToByteArray(), .. Prefix(TensorProto.RawDataFieldNumber, WeightBytes.Count(parameter))];
    }

    private void WriteLength(int field, long length) => _file.Write(Prefix(field, length));

    private static byte[] Prefix(int field, long length)
    {
        using MemoryStream bytes = new();
        using CodedOutputStream coded = new(bytes);
        coded.WriteTag(field, WireFormat.WireType.LengthDelimited);
        coded.WriteUInt64((ulong)length);
        coded.Flush();
        return bytes.ToArray();
    }

    // The file's name holds the digest of its content, so a model never meets the data of another one; the same data need not be written again.
    private (string Path, bool IsNew) WriteData(GraphProto graph, (Parameter Parameter, TensorEntry Tensor)[] stored)
    {
        WeightBytes bytes = new();
        XxHash128 hash = new();
        foreach ((Parameter parameter, TensorEntry tensor) in stored)
        {
            hash.Append(Encoding.UTF8.GetBytes($"{parameter.Value}"));
            bytes.CopyTo(tensor, parameter.Type, hash.Append);
        }

        string digest = Convert.ToHexString(hash.GetCurrentHash().AsSpan(0, 8)).ToLower(CultureInfo.InvariantCulture);
        string name = $"{System.IO.Path.GetFileNameWithoutExtension(_file.Path)}.{digest}.data";
        string path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(_file.Path)!, name);
        bool isNew = !File.Exists(path);
        using AtomicFile data = new(path);
        long position = 0;
        foreach ((Parameter parameter, TensorEntry tensor) in stored)
        {
            data.Write(new byte[(Alignment - (position % Alignment)) % Alignment]);
            position += (Alignment - (position % Alignment)) % Alignment;
            long length = WeightBytes.Count(parameter);
            graph.Initializer.Add(OnnxModel.WriteInitializer(parameter.Name, parameter, new ExternalData(name, position, length, parameter.Type)));
            bytes.CopyTo(tensor, parameter.Type, data.Write);
            position += length;
        }

        data.Commit();
        return (path, isNew);
    }
}
