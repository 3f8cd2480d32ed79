using System.Runtime.InteropServices;
using Clouds.Graph.Onnx;
using Google.Protobuf;
using Kind = Clouds.Graph.Onnx.AttributeProto.Types.AttributeType;

namespace Clouds.Tests.Graph;

/// <summary>
/// Rewrites a model from single to double precision: the same nodes with sixteen digits, so that finite differences can be compared tightly.
/// </summary>
internal static class DoublePrecision
{
    private const int Single = 1;
    private const int Double = 11;

    public static ModelProto Promote(ModelProto model)
    {
        ModelProto promoted = model.Clone();
        GraphProto graph = promoted.Graph;
        foreach (ValueInfoProto info in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo).Where(info => info.Type.TensorType.ElemType == Single))
        {
            info.Type.TensorType.ElemType = Double;
        }

        foreach (TensorProto tensor in graph.Initializer)
        {
            Promote(tensor);
        }

        foreach (NodeProto node in graph.Node)
        {
            Promote(node);
        }

        foreach (FunctionProto function in promoted.Functions)
        {
            Promote(function);
        }

        return promoted;
    }

    private static void Promote(FunctionProto function)
    {
        NodeProto[] nodes = [.. function.Node];
        function.Node.Clear();
        foreach (NodeProto node in nodes)
        {
            Promote(node);
            function.Node.Add(node);

            // A float that comes from an attribute of the call stays one; a cast follows it.
            if (node.Attribute.Any(attribute => attribute.Name == "value_float"))
            {
                NodeProto cast = new() { OpType = "Cast", Input = { node.Output[0] + "_single" }, Output = { node.Output[0] } };
                cast.Attribute.Add(new AttributeProto { Name = "to", Type = Kind.Int, I = Double });
                node.Output[0] += "_single";
                function.Node.Add(cast);
            }
        }
    }

    private static void Promote(NodeProto node)
    {
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (attribute.Type == Kind.Tensor)
            {
                Promote(attribute.T);
            }
            else if (node.OpType == "Cast" && attribute.Name == "to" && attribute.I == Single)
            {
                attribute.I = Double;
            }
        }
    }

    private static void Promote(TensorProto tensor)
    {
        if (tensor.DataType == Single)
        {
            double[] values = Array.ConvertAll(MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray(), value => (double)value);
            tensor.DataType = Double;
            tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }
}
