using System.Globalization;
using Clouds.Graph.Onnx;
using Kind = Clouds.Graph.Onnx.AttributeProto.Types.AttributeType;

namespace Clouds.Graph.Portable;

/// <summary>
/// Puts the bodies of model-local functions where they are called, so that a model needs no function and no operator of a domain of its own. A body's
/// values get names that nothing else in the graph has; attributes of the call, or the function's defaults, go where the body refers to them; what the
/// call leaves out stays out.
/// </summary>
internal sealed class FunctionInliner
{
    // More than any function of ours calls; one that calls itself would never end.
    private const int Deepest = 16;

    private readonly Dictionary<(string Domain, string Name), FunctionProto> _functions;
    private readonly HashSet<string> _names;
    private readonly HashSet<string> _nodeNames;

    private FunctionInliner(ModelProto model)
    {
        _functions = model.Functions.ToDictionary(function => (Domain(function.Domain), function.Name));
        GraphProto graph = model.Graph;
        _names = [.. graph.Input.Concat(graph.Output).Concat(graph.ValueInfo).Select(value => value.Name), .. graph.Initializer.Select(tensor => tensor.Name),
            .. graph.Node.SelectMany(node => node.Input.Concat(node.Output))];
        _nodeNames = [.. graph.Node.Select(node => node.Name)];
    }

    /// <summary>Inlines every function of a model, in place; the functions and the domains that they alone had are gone then.</summary>
    /// <exception cref="NotSupportedException">A function calls itself, or holds a graph as an attribute.</exception>
    public static void Inline(ModelProto model)
    {
        FunctionInliner inliner = new(model);
        NodeProto[] nodes = [.. model.Graph.Node.SelectMany(node => inliner.Expand(node, 0))];
        model.Graph.Node.Clear();
        model.Graph.Node.AddRange(nodes);
        model.Functions.Clear();
        HashSet<string> used = [.. nodes.Select(node => Domain(node.Domain)), ""];
        foreach (OperatorSetIdProto unused in model.OpsetImport.Where(opset => !used.Contains(Domain(opset.Domain))).ToArray())
        {
            model.OpsetImport.Remove(unused);
        }
    }

    private IEnumerable<NodeProto> Expand(NodeProto node, int depth)
    {
        if (!_functions.TryGetValue((Domain(node.Domain), node.OpType), out FunctionProto? function))
        {
            return [node];
        }

        return depth < Deepest
            ? Body(node, function).SelectMany(inner => Expand(inner, depth + 1)).ToArray()
            : throw new NotSupportedException($"functions call each other more than {Deepest} deep at {node.Domain}.{node.OpType}");
    }

    private IEnumerable<NodeProto> Body(NodeProto call, FunctionProto function)
    {
        string prefix = call.Name.Length > 0 ? call.Name : call.Output.FirstOrDefault(name => name.Length > 0, function.Name);
        Dictionary<string, string> names = Arguments(call, function);
        List<NodeProto> nodes = [.. Returned(call, function, names)];
        foreach (NodeProto inner in function.Node)
        {
            NodeProto copy = new() { OpType = inner.OpType, Domain = inner.Domain, Name = Fresh(_nodeNames, $"{prefix}/{Plain(inner)}") };
            copy.Input.AddRange(inner.Input.Select(name => Renamed(names, name, prefix)));
            copy.Output.AddRange(inner.Output.Select(name => Renamed(names, name, prefix)));
            copy.Attribute.AddRange(inner.Attribute.Select(attribute => Resolved(attribute, call, function)).OfType<AttributeProto>());
            nodes.Add(copy);
        }

        return nodes;
    }

    // Names of the function's inputs and outputs that the call gives; "" where it leaves an input out.
    private static Dictionary<string, string> Arguments(NodeProto call, FunctionProto function)
    {
        Dictionary<string, string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < function.Input.Count; i++)
        {
            names.Add(function.Input[i], i < call.Input.Count ? call.Input[i] : "");
        }

        for (int i = 0; i < Math.Min(function.Output.Count, call.Output.Count); i++)
        {
            if (call.Output[i].Length > 0)
            {
                names.TryAdd(function.Output[i], call.Output[i]);
            }
        }

        return names;
    }

    // An output that is an input, unchanged.
    private IEnumerable<NodeProto> Returned(NodeProto call, FunctionProto function, Dictionary<string, string> names) =>
        function.Output.Zip(call.Output)
            .Where(pair => pair.Second.Length > 0 && function.Input.Contains(pair.First))
            .Select(pair => new NodeProto
            {
                OpType = "Identity", Name = Fresh(_nodeNames, pair.Second), Input = { names[pair.First] }, Output = { pair.Second },
            });

    private string Renamed(Dictionary<string, string> names, string name, string prefix)
    {
        if (name.Length > 0 && !names.ContainsKey(name))
        {
            names.Add(name, Fresh(_names, $"{prefix}/{name}"));
        }

        return name.Length == 0 ? "" : names[name];
    }

    private static AttributeProto? Resolved(AttributeProto attribute, NodeProto call, FunctionProto function)
    {
        if (attribute.Type is Kind.Graph or Kind.Graphs || attribute.G is not null || attribute.Graphs.Count > 0)
        {
            throw new NotSupportedException($"function {function.Domain}.{function.Name} holds a graph as attribute {attribute.Name}");
        }

        if (attribute.RefAttrName.Length == 0)
        {
            return attribute;
        }

        AttributeProto? given = call.Attribute.Concat(function.AttributeProto).FirstOrDefault(candidate => candidate.Name == attribute.RefAttrName);
        if (given is null)
        {
            return null;
        }

        AttributeProto resolved = given.Clone();
        resolved.Name = attribute.Name;
        return resolved;
    }

    private static string Fresh(HashSet<string> taken, string wanted)
    {
        string name = wanted;
        for (int i = 1; !taken.Add(name); i++)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{wanted}.{i}");
        }

        return name;
    }

    private static string Plain(NodeProto node) => node.Name.Length > 0 ? node.Name : node.OpType;

    private static string Domain(string domain) => domain == "ai.onnx" ? "" : domain;
}
