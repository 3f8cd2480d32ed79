namespace Clouds.Graph.Weights;

/// <summary>Which operator an initialiser of an ONNX model goes into first: what it is for, where its name does not say.</summary>
/// <param name="Op">The operator.</param>
/// <param name="Tensor">The initialiser.</param>
public sealed record InitializerUse(string Op, TensorEntry Tensor)
{
    private const int GraphField = 7;
    private const int NodeField = 1;
    private const int InputField = 1;
    private const int OpField = 4;

    /// <summary>The initialisers of an ONNX model in the order of the nodes that read them, each once.</summary>
    /// <param name="source">An opened model.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Weights: the file is damaged.</exception>
    public static IReadOnlyList<InitializerUse> Of(WeightSource source)
    {
        List<InitializerUse> uses = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach ((string op, string input) in Messages(source.Files[0], GraphField).SelectMany(graph => Nodes(graph)))
        {
            if (source.Tensors.TryGetValue(input, out TensorEntry? tensor) && seen.Add(input))
            {
                uses.Add(new InitializerUse(op, tensor));
            }
        }

        return uses;
    }

    private static IEnumerable<ProtoReader> Messages(MappedFile file, int field)
    {
        for (ProtoReader model = new(file, 0, file.Bytes); model.Next();)
        {
            if (model.IsBytes && model.Field == field)
            {
                yield return model.Inner();
            }
        }
    }

    private static IEnumerable<(string Op, string Input)> Nodes(ProtoReader graph)
    {
        while (graph.Next())
        {
            if (graph is { Field: NodeField, IsBytes: true })
            {
                foreach ((string, string) use in Inputs(graph.Inner()))
                {
                    yield return use;
                }
            }
        }
    }

    private static IEnumerable<(string Op, string Input)> Inputs(ProtoReader node)
    {
        List<string> inputs = [];
        string op = "";
        while (node.Next())
        {
            if (node is { Field: InputField, IsBytes: true })
            {
                inputs.Add(node.Text());
            }
            else if (node is { Field: OpField, IsBytes: true })
            {
                op = node.Text();
            }
        }

        return inputs.Select(input => (op, input));
    }
}
