using System.Runtime.InteropServices;
using System.Text;
using Clouds.Graph.Building;
using Google.Protobuf;
using Kind = Clouds.Graph.Onnx.AttributeProto.Types.AttributeType;

namespace Clouds.Graph.Onnx;

/// <summary>Attributes and literals between their C# and their ONNX form.</summary>
internal static class AttributeWriter
{
    public static AttributeProto Write(string name, object value)
    {
        AttributeProto attribute = new() { Name = name };
        switch (value)
        {
            case long i:
                (attribute.Type, attribute.I) = (Kind.Int, i);
                break;
            case float f:
                (attribute.Type, attribute.F) = (Kind.Float, f);
                break;
            case string s:
                (attribute.Type, attribute.S) = (Kind.String, ByteString.CopyFromUtf8(s));
                break;
            case long[] ints:
                attribute.Type = Kind.Ints;
                attribute.Ints.AddRange(ints);
                break;
            case float[] floats:
                attribute.Type = Kind.Floats;
                attribute.Floats.AddRange(floats);
                break;
            case Literal literal:
                (attribute.Type, attribute.T) = (Kind.Tensor, WriteLiteral("", literal));
                break;
            default:
                throw new ArgumentException($"attribute {name} of type {value.GetType()}");
        }

        return attribute;
    }

    public static object Read(AttributeProto attribute) => attribute.Type switch
    {
        Kind.Int => attribute.I,
        Kind.Float => attribute.F,
        Kind.String => Encoding.UTF8.GetString(attribute.S.Span),
        Kind.Ints => attribute.Ints.ToArray(),
        Kind.Floats => attribute.Floats.ToArray(),
        Kind.Tensor => ReadLiteral(attribute.T),
        _ => throw new NotSupportedException($"attribute {attribute.Name} of type {attribute.Type}"),
    };

    public static TensorProto WriteLiteral(string name, Literal literal)
    {
        TensorProto tensor = new() { Name = name, DataType = (int)literal.Type, RawData = ByteString.CopyFrom(literal.Data) };
        tensor.Dims.AddRange(literal.Sizes);
        return tensor;
    }

    public static Literal ReadLiteral(TensorProto tensor)
    {
        long[] sizes = [.. tensor.Dims];
        ElementType type = (ElementType)tensor.DataType;
        return tensor switch
        {
            { HasRawData: true } => new Literal(type, sizes, tensor.RawData.ToByteArray()),
            { DataType: (int)ElementType.Float } => Literal.Of(tensor.FloatData.ToArray(), sizes),
            { DataType: (int)ElementType.Int64 } => Literal.Of(tensor.Int64Data.ToArray(), sizes),
            { DataType: (int)ElementType.Double } => new Literal(type, sizes, MemoryMarshal.AsBytes(tensor.DoubleData.ToArray().AsSpan()).ToArray()),
            { DataType: (int)ElementType.Int32 } => new Literal(type, sizes, MemoryMarshal.AsBytes(tensor.Int32Data.ToArray().AsSpan()).ToArray()),
            { DataType: (int)ElementType.Bool or (int)ElementType.UInt8 } => new Literal(type, sizes, [.. tensor.Int32Data.Select(element => (byte)element)]),
            _ => throw new NotSupportedException($"tensor {tensor.Name} of type {type} without raw data"),
        };
    }
}
