namespace Clouds.Graph.Building;

/// <summary>A node as ONNX Runtime runs it.</summary>
/// <param name="Node">The node as it was written.</param>
/// <param name="Inputs">What it reads there, absent inputs left out.</param>
public sealed record ExecutedNode(Node Node, IReadOnlyList<Value> Inputs);

/// <summary>
/// The nodes that ONNX Runtime runs of a graph, in its order. What it rewrites is followed as far as memory feels it: values that depend on constants
/// alone are computed beforehand, equal nodes are computed once, and a matrix product reads a transposed factor where it lies.
/// </summary>
internal sealed class ExecutedNodes
{
    private readonly Dictionary<Value, Value> _standIns = [];
    private readonly Dictionary<string, IReadOnlyList<Value>> _computed = [];
    private readonly HashSet<Value> _constants;
    private readonly HashSet<Value> _outputs;
    private readonly List<ExecutedNode> _nodes = [];

    public ExecutedNodes(GraphBuilder graph)
    {
        _constants = [.. graph.Constants];
        _outputs = [.. graph.Outputs.Select(output => output.Value)];
        foreach (Node node in graph.LiveNodes())
        {
            Append(node);
        }
    }

    /// <summary>Constants, and what is computed from constants alone.</summary>
    public HashSet<Value> Constants => _constants;

    /// <summary>
    /// The nodes, each behind those whose values it reads: depth first from the leaves upwards (graph.cc, ReverseDFSFrom), so that what a late node
    /// alone needs is computed just before it.
    /// </summary>
    public List<ExecutedNode> Ordered()
    {
        ExecutedNode[] live = Live();
        Dictionary<Value, ExecutedNode> producers = [];
        Dictionary<ExecutedNode, int> index = [];
        foreach (ExecutedNode node in live.OrderBy(Generation))
        {
            index.Add(node, index.Count);
            Array.ForEach([.. node.Node.Outputs], output => producers.Add(output, node));
        }

        HashSet<ExecutedNode> read = [.. live.SelectMany(node => node.Inputs).Select(producers.GetValueOrDefault).OfType<ExecutedNode>()];
        Stack<(ExecutedNode Node, bool Done)> stack = new(index.Keys.Where(node => !read.Contains(node)).Select(node => (node, false)));
        HashSet<ExecutedNode> seen = [];
        List<ExecutedNode> order = [];
        while (stack.TryPop(out (ExecutedNode Node, bool Done) top))
        {
            if (top.Done)
            {
                order.Add(top.Node);
            }
            else if (seen.Add(top.Node))
            {
                stack.Push((top.Node, true));
                IEnumerable<ExecutedNode> before = top.Node.Inputs.Select(producers.GetValueOrDefault).OfType<ExecutedNode>();
                Array.ForEach([.. before.Distinct().OrderBy(node => index[node])], node => stack.Push((node, false)));
            }
        }

        return order;
    }

    // Nodes that ONNX Runtime makes while it rewrites come behind all others.
    private int Generation(ExecutedNode node) => node.Node switch
    {
        { Op: "LayerNorm" or "Linear" or "LinearGrad" } => 1,
        { Op: "MatMul" } when !node.Node.Inputs.Select(Current).SequenceEqual(node.Inputs) => 2,
        _ => 0,
    };

    private ExecutedNode[] Live()
    {
        HashSet<Value> needed = [.. _outputs];
        List<ExecutedNode> live = [];
        foreach (ExecutedNode node in Enumerable.Reverse(_nodes).Where(node => node.Node.Outputs.Any(needed.Contains)))
        {
            live.Add(node);
            needed.UnionWith(node.Inputs);
        }

        live.Reverse();
        return [.. live];
    }

    private void Append(Node node)
    {
        Value[] inputs = [.. node.Inputs.OfType<Value>().Select(Current)];
        if (inputs.Length > 0 && Array.TrueForAll(inputs, _constants.Contains) && !node.Outputs.Any(_outputs.Contains))
        {
            _constants.UnionWith(node.Outputs);
            return;
        }

        if (node.Outputs.Any(_outputs.Contains) || _computed.TryAdd(Content(node, inputs), node.Outputs))
        {
            _nodes.Add(new ExecutedNode(node, node.Op == "MatMul" ? [.. inputs.Select(Untransposed)] : inputs));
            return;
        }

        IReadOnlyList<Value> same = _computed[Content(node, inputs)];
        for (int i = 0; i < same.Count; i++)
        {
            _standIns.Add(node.Outputs[i], same[i]);
        }
    }

    private Value Current(Value? value) => _standIns.GetValueOrDefault(value!, value!);

    private Value Untransposed(Value factor) => factor.Producer is { Op: "Transpose" } transpose && SwapsLastTwo(transpose.Attribute<long[]>("perm"))
        ? Current(transpose.Input(0))
        : factor;

    private static bool SwapsLastTwo(long[] order)
        => order.Length >= 2 && order[^1] == order.Length - 2 && order[^2] == order.Length - 1 && !order.SkipLast(2).Where((axis, i) => axis != i).Any();

    private static string Content(Node node, Value[] inputs)
    {
        IEnumerable<string> attributes = node.Attributes.OrderBy(attribute => attribute.Key, StringComparer.Ordinal)
            .Select(attribute => $"{attribute.Key}={Text(attribute.Value)}");
        return $"{node.Domain}.{node.Op}({string.Join(',', inputs.Select(input => input.Name))};{string.Join(',', attributes)})";
    }

    private static string Text(object attribute) => attribute switch
    {
        long[] numbers => string.Join(' ', numbers),
        float[] numbers => string.Join(' ', numbers),
        Literal literal => Convert.ToHexString(literal.Data),
        _ => $"{attribute}",
    };
}
