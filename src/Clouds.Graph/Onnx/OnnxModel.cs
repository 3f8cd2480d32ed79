using Clouds.Graph.Building;
using Clouds.Graph.Operators;
using Google.Protobuf;

namespace Clouds.Graph.Onnx;

/// <summary>Where the elements of a frozen parameter lie: a byte range of a file beside the model, or of one that the session is given.</summary>
/// <param name="File">File name, relative to the model's folder.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Type">Element type in the file.</param>
public sealed record ExternalData(string File, long Offset, long Length, ElementType Type = ElementType.Float);

/// <summary>Writes a graph as an ONNX model: IR 10, opset 21, our operators with their lowerings as model-local functions.</summary>
public static class OnnxModel
{
    /// <summary>Version of the standard operator set that all graphs are written for.</summary>
    public const long Opset = 21;

    /// <summary>Version of the file format.</summary>
    public const long IrVersion = 10;

    // Smaller ones are converted once: their nodes would cost more than they keep.
    private const long LeastKept = 64 * 1024;

    /// <summary>Serialises a graph.</summary>
    /// <param name="graph">Graph to write.</param>
    /// <param name="frozen">
    /// Elements of the parameters that become constants of the model: a <see cref="Literal"/> or an <see cref="ExternalData"/> by name. Where
    /// they are stored in another type than the parameter has, the model holds them as they are stored and converts them.
    /// All other parameters become inputs of the model, behind the graph's own inputs and in the order of their declaration.
    /// </param>
    /// <param name="convert">When such constants are converted.</param>
    /// <returns>The bytes of an .onnx file.</returns>
    public static byte[] Write(
        GraphBuilder graph, IReadOnlyDictionary<string, object>? frozen = null, StoredConversion convert = StoredConversion.Once) =>
        ToProto(graph, frozen, convert).ToByteArray();

    internal static ModelProto ToProto(
        GraphBuilder graph, IReadOnlyDictionary<string, object>? frozen = null, StoredConversion convert = StoredConversion.Once)
    {
        ModelProto model = new() { IrVersion = IrVersion, ProducerName = "Clouds.Native", Graph = new GraphProto { Name = graph.Name } };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        IReadOnlyList<Node> live = graph.LiveNodes();
        IEnumerable<string> others = live.Select(node => node.Domain).Append(GraphBuilder.Domain).Where(domain => domain.Length > 0).Distinct();
        model.OpsetImport.AddRange(others.Order(StringComparer.Ordinal).Select(domain => new OperatorSetIdProto { Domain = domain, Version = 1 }));
        WriteValues(model.Graph, graph, live, frozen ?? new Dictionary<string, object>(), convert);
        model.Graph.Node.AddRange(live.Select(WriteNode));
        IEnumerable<string> ours = live.Where(node => node.Domain == GraphBuilder.Domain).Select(node => node.Op).Distinct();
        model.Functions.AddRange(ours.Select(op => CloudsOperators.Find(op)?.Lower()).OfType<FunctionProto>());
        return model;
    }

    private static void WriteValues(
        GraphProto proto, GraphBuilder graph, IReadOnlyList<Node> live, IReadOnlyDictionary<string, object> frozen, StoredConversion convert)
    {
        HashSet<Value> used = [.. live.SelectMany(node => node.Inputs).OfType<Value>()];
        HashSet<Value> outputs = [.. graph.Outputs.Select(output => output.Value)];
        proto.Input.AddRange(graph.Inputs.Where(used.Contains).Select(Describe));
        foreach (Parameter parameter in graph.Parameters.Where(parameter => used.Contains(parameter.Value)))
        {
            if (frozen.TryGetValue(parameter.Name, out object? elements))
            {
                WriteFrozen(proto, parameter, elements, convert);
            }
            else
            {
                proto.Input.Add(Describe(parameter.Value));
            }
        }

        proto.Initializer.AddRange(graph.Constants.Where(used.Contains).Select(constant => AttributeWriter.WriteLiteral(constant.Name, constant.Literal!)));
        proto.Output.AddRange(graph.Outputs.Select(output => Describe(output.Value)));
        proto.ValueInfo.AddRange(live.SelectMany(node => node.Outputs).Where(value => !outputs.Contains(value)).Select(Describe));
    }

    private static void WriteFrozen(GraphProto proto, Parameter parameter, object elements, StoredConversion convert)
    {
        ElementType stored = elements is Literal literal ? literal.Type : ((ExternalData)elements).Type;
        if (stored == parameter.Type)
        {
            proto.Initializer.Add(WriteInitializer(parameter.Name, parameter, elements));
            return;
        }

        // A slash stands in no parameter's name.
        TensorProto initializer = WriteInitializer($"{parameter.Name}/{stored}", parameter, elements);
        NodeProto cast = new() { OpType = "Cast", Name = parameter.Name, Input = { initializer.Name }, Output = { parameter.Name } };
        cast.Attribute.Add(AttributeWriter.Write("to", (long)parameter.Type));
        proto.Initializer.Add(initializer);
        if (convert == StoredConversion.EveryRun && elements is ExternalData { Length: >= LeastKept })
        {
            // An input that has a value already: callers may give another, so the runtime folds nothing into it.
            proto.Input.Add(Describe(new Value(initializer.Name, stored, parameter.Shape)));
        }

        proto.Node.Add(cast);
        proto.ValueInfo.Add(Describe(parameter.Value));
    }

    internal static TensorProto WriteInitializer(string name, Parameter parameter, object elements)
    {
        if (elements is Literal literal)
        {
            return AttributeWriter.WriteLiteral(name, literal);
        }

        ExternalData external = (ExternalData)elements;
        TensorProto tensor = new() { Name = name, DataType = (int)external.Type, DataLocation = TensorProto.Types.DataLocation.External };
        tensor.Dims.AddRange(parameter.Shape.Sizes);
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = external.File });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = $"{external.Offset}" });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = $"{external.Length}" });
        return tensor;
    }

    private static NodeProto WriteNode(Node node)
    {
        NodeProto proto = new() { OpType = node.Op, Domain = node.Domain, Name = node.Outputs[0].Name };
        proto.Input.AddRange(node.Inputs.Select(input => input?.Name ?? ""));
        proto.Output.AddRange(node.Outputs.Select(output => output.Name));
        IEnumerable<KeyValuePair<string, object>> attributes = node.Attributes.Where(attribute => !GraphBuilder.IsMark(attribute.Key));
        proto.Attribute.AddRange(attributes.Select(attribute => AttributeWriter.Write(attribute.Key, attribute.Value)));
        return proto;
    }

    private static ValueInfoProto Describe(Value value)
    {
        TypeProto.Types.Tensor tensor = new() { ElemType = (int)value.Type, Shape = new TensorShapeProto() };
        tensor.Shape.Dim.AddRange(value.Shape.Select(dim => dim.IsStatic
            ? new TensorShapeProto.Types.Dimension { DimValue = dim.Size }
            : new TensorShapeProto.Types.Dimension { DimParam = dim.Symbol }));
        return new ValueInfoProto { Name = value.Name, Type = new TypeProto { TensorType = tensor } };
    }
}
