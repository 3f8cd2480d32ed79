using Clouds.Graph.Onnx;
using Clouds.Runtime.CustomOps;
using Google.Protobuf;

namespace Clouds.Tests.Runtime;

/// <summary>Builds graphs of a few nodes for tests of sessions and custom operators.</summary>
internal sealed class TinyModel
{
    private readonly GraphProto _graph = new() { Name = "tiny" };

    public TinyModel Input(string name, params long[] shape) => Input(name, ElementType.Float, shape);

    public TinyModel Input(string name, ElementType type, params long[] shape)
    {
        _graph.Input.Add(Port(name, type, shape));
        return this;
    }

    public TinyModel Output(string name, params long[] shape) => Output(name, ElementType.Float, shape);

    public TinyModel Output(string name, ElementType type, params long[] shape)
    {
        _graph.Output.Add(Port(name, type, shape));
        return this;
    }

    /// <summary>Adds a node; an attribute is a float, a long or a long[]. A name with a colon has its domain in front of it.</summary>
    public TinyModel Node(string op, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        string[] parts = op.Split(':');
        NodeProto node = new() { OpType = parts[^1], Domain = parts.Length == 2 ? parts[0] : string.Empty };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        foreach ((string name, object value) in attributes)
        {
            node.Attribute.Add(Attribute(name, value));
        }

        _graph.Node.Add(node);
        return this;
    }

    public TinyModel External(string name, string file, long offset, params long[] shape)
    {
        TensorProto tensor = new() { Name = name, DataType = (int)ElementType.Float, DataLocation = TensorProto.Types.DataLocation.External };
        tensor.Dims.AddRange(shape);
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = file });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = offset.ToString(System.Globalization.CultureInfo.InvariantCulture) });
        tensor.ExternalData.Add(new StringStringEntryProto
        {
            Key = "length",
            Value = (shape.Aggregate(4L, (a, b) => a * b)).ToString(System.Globalization.CultureInfo.InvariantCulture),
        });
        _graph.Initializer.Add(tensor);
        return this;
    }

    public byte[] ToBytes()
    {
        ModelProto model = new() { IrVersion = 10, Graph = _graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = string.Empty, Version = 21 });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "clouds", Version = 1 });
        return model.ToByteArray();
    }

    private static AttributeProto Attribute(string name, object value)
    {
        AttributeProto attribute = new() { Name = name };
        switch (value)
        {
            case float number:
                (attribute.Type, attribute.F) = (AttributeProto.Types.AttributeType.Float, number);
                break;
            case long number:
                (attribute.Type, attribute.I) = (AttributeProto.Types.AttributeType.Int, number);
                break;
            case long[] numbers:
                attribute.Type = AttributeProto.Types.AttributeType.Ints;
                attribute.Ints.AddRange(numbers);
                break;
            default:
                throw new ArgumentException(value.ToString(), nameof(value));
        }

        return attribute;
    }

    private static ValueInfoProto Port(string name, ElementType type, long[] shape)
    {
        TypeProto.Types.Tensor tensor = new() { ElemType = (int)type, Shape = new TensorShapeProto() };
        foreach (long dimension in shape)
        {
            tensor.Shape.Dim.Add(dimension < 0
                ? new TensorShapeProto.Types.Dimension { DimParam = $"{name}{tensor.Shape.Dim.Count}" }
                : new TensorShapeProto.Types.Dimension { DimValue = dimension });
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
