using System.Globalization;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;

namespace Clouds.Graph.Operators;

/// <summary>
/// Writes the body of a model-local function: untyped nodes on named values, for shapes that are known only where the function is called.
/// </summary>
internal sealed class FunctionBuilder
{
    private readonly FunctionProto _function;
    private int _counter;

    /// <summary>An empty body with the operator's inputs, outputs and attributes.</summary>
    public FunctionBuilder(CloudsOperator op)
    {
        _function = new FunctionProto { Name = op.Name, Domain = GraphBuilder.Domain };
        _function.Input.AddRange(op.Inputs);
        _function.Output.AddRange(op.Outputs);
        _function.Attribute.AddRange(op.Attributes);
        _function.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OnnxModel.Opset });
    }

    /// <summary>Appends a node with one output and returns the output's name.</summary>
    public string Op(string op, string[] inputs, params (string Name, object Value)[] attributes)
    {
        string output = string.Create(CultureInfo.InvariantCulture, $"v{_counter++}");
        Append(op, inputs, [output], attributes);
        return output;
    }

    /// <summary>Appends a node with two outputs and returns their names.</summary>
    public (string First, string Second) Pair(string op, string[] inputs, params (string Name, object Value)[] attributes)
    {
        (string first, string second) = ($"v{_counter}", $"v{_counter + 1}");
        _counter += 2;
        Append(op, inputs, [first, second], attributes);
        return (first, second);
    }

    /// <summary>Appends a node whose outputs have the given names.</summary>
    public void Append(string op, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        ScatterAdd.RefuseRace(op, "", attributes.ToDictionary());
        NodeProto node = new() { OpType = op };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes.Select(a => AttributeWriter.Write(a.Name, a.Value)));
        _function.Node.Add(node);
    }

    /// <summary>An attribute of the call as a constant; <paramref name="field"/> is value_ints, value_int or value_float.</summary>
    public string FromAttribute(string attribute, string field, AttributeProto.Types.AttributeType type)
    {
        string output = Op("Constant", []);
        Refer(field, attribute, type);
        return output;
    }

    /// <summary>Gives the last node an attribute of the call under another name.</summary>
    public void Refer(string name, string attribute, AttributeProto.Types.AttributeType type) =>
        _function.Node[^1].Attribute.Add(new AttributeProto { Name = name, RefAttrName = attribute, Type = type });

    /// <summary>A vector of integers.</summary>
    public string Ints(params long[] values) => Op("Constant", [], ("value_ints", values));

    /// <summary>An integer scalar.</summary>
    public string Int(long value) => Op("Constant", [], ("value_int", value));

    /// <summary>A float scalar.</summary>
    public string Float(float value) => Op("Constant", [], ("value_float", value));

    public string Add(string a, string b) => Op("Add", [a, b]);

    public string Sub(string a, string b) => Op("Sub", [a, b]);

    public string Mul(string a, string b) => Op("Mul", [a, b]);

    public string Div(string a, string b) => Op("Div", [a, b]);

    /// <summary>Some extents of a value, as a vector of integers.</summary>
    public string Extents(string x, params long[] axes) => Op("Gather", [Op("Shape", [x]), Ints(axes)], ("axis", 0L));

    public string Concat(params string[] vectors) => Op("Concat", vectors, ("axis", 0L));

    public string Reshape(string x, string shape) => Op("Reshape", [x, shape]);

    public string ToFloat(string x) => Op("Cast", [x], ("to", (long)ElementType.Float));

    public string ToInt(string x) => Op("Cast", [x], ("to", (long)ElementType.Int64));

    public string ReduceSum(string x, long[] axes, bool keep) => Op("ReduceSum", [x, Ints(axes)], ("keepdims", keep ? 1L : 0L));

    public string ReduceMeanLast(string x) => Op("ReduceMean", [x, Ints(-1)]);

    /// <summary>One extent's worth of one axis: x[..., index, ...] with the axis taken out.</summary>
    public string Pick(string x, long axis, long index) => Op("Gather", [x, Int(index)], ("axis", axis));

    /// <summary>Names a value as an output of the function.</summary>
    public void Return(string value, string output) => Append("Identity", [value], [output]);

    public FunctionProto Build() => _function;
}
