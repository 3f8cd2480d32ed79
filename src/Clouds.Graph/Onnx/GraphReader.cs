using Clouds.Diagnostics;
using Clouds.Graph.Building;

namespace Clouds.Graph.Onnx;

/// <summary>Turns one parsed model into a graph builder, value by value under the names of the file.</summary>
internal sealed class GraphReader(ModelProto model, string? path)
{
    private readonly GraphBuilder _graph = new(model.Graph.Name);
    private readonly Dictionary<string, Value> _values = [];
    private readonly Dictionary<string, OnnxTensor> _described = [];

    public GraphBuilder Read()
    {
        CheckFunctions();
        foreach (ValueInfoProto info in model.Graph.ValueInfo.Concat(model.Graph.Output))
        {
            _described[info.Name] = TensorReader.Describe(info);
        }

        HashSet<string> stored = [.. model.Graph.Initializer.Select(tensor => tensor.Name)];
        foreach (OnnxTensor input in model.Graph.Input.Where(input => !stored.Contains(input.Name)).Select(TensorReader.Describe))
        {
            Define(_graph.Input(input.Name, input.Type, input.Shape ?? throw Unshaped(input.Name)));
        }

        TensorReader tensors = new(path);
        foreach (TensorProto tensor in model.Graph.Initializer)
        {
            Define(_graph.Constant(tensor.Name, tensors.Read(tensor)));
        }

        foreach (NodeProto node in model.Graph.Node)
        {
            Append(node);
        }

        foreach (ValueInfoProto output in model.Graph.Output)
        {
            _graph.Output(output.Name, Find(output.Name, "the list of outputs"));
        }

        return _graph;
    }

    // Functions of our own domain are written anew from the lowerings; others would be lost.
    private void CheckFunctions()
    {
        FunctionProto? foreign = model.Functions.FirstOrDefault(function => function.Domain != GraphBuilder.Domain);
        if (foreign is not null)
        {
            throw new NotSupportedException($"the model-local function {foreign.Domain}.{foreign.Name}");
        }
    }

    private void Append(NodeProto node)
    {
        string place = $"node {node.Name} ({node.OpType})";
        Value?[] inputs = [.. node.Input.Select(name => name.Length == 0 ? null : Find(name, place))];
        OnnxTensor[] outputs = [.. node.Output.Select(name => _described.TryGetValue(name, out OnnxTensor? known) ? known : throw Unshaped(name))];
        (string Name, object Value)[] attributes = [.. node.Attribute.Select(attribute => (attribute.Name, AttributeWriter.Read(attribute)))];
        string domain = node.Domain == "ai.onnx" ? "" : node.Domain;
        (string, ElementType, Shape)[] named = [.. outputs.Select(output => (output.Name, output.Type, output.Shape ?? throw Unshaped(output.Name)))];
        foreach (Value value in _graph.EmitAs(node.OpType, domain, inputs, named, attributes))
        {
            Define(value);
        }
    }

    private void Define(Value value) => _values.Add(value.Name, value);

    private Value Find(string name, string place) =>
        _values.TryGetValue(name, out Value? value)
            ? value
            : throw new NotSupportedException($"{place} uses the value '{name}', which nothing before it computes");

    private CloudsException Unshaped(string name) => new(
        Failure.BadInput,
        $"the model does not say type and shape of the value '{name}'",
        path ?? "model in memory",
        next: "run shape inference on the model before reading it");
}
