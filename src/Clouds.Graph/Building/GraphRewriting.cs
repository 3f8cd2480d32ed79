namespace Clouds.Graph.Building;

/// <summary>A graph that is written once more, node by node, some nodes otherwise. The source is left as it is.</summary>
internal abstract class GraphRewriting
{
    private readonly Dictionary<Value, Value> _values = [];

    protected GraphRewriting(GraphBuilder source)
    {
        (Source, Graph) = (source, new GraphBuilder(source.Name));
        foreach (Value input in source.Inputs)
        {
            Set(input, Graph.Input(input.Name, input.Type, input.Shape));
        }

        foreach (Parameter parameter in source.Parameters)
        {
            Set(parameter.Value, Graph.Parameter(parameter.Name, parameter.Shape, parameter.Initializer, parameter.Kind, parameter.Type));
        }
    }

    /// <summary>What is written once more.</summary>
    protected GraphBuilder Source { get; }

    /// <summary>The result.</summary>
    protected GraphBuilder Graph { get; }

    /// <summary>Nodes whose values are not there yet.</summary>
    protected IEnumerable<Node> Open => Source.LiveNodes().Where(node => !node.Outputs.Any(_values.ContainsKey));

    protected static (string Name, object Value)[] AttributesOf(Node node) => [.. node.Attributes.Select(attribute => (attribute.Key, attribute.Value))];

    /// <summary>What stands in the result for a value of the source.</summary>
    protected Value Now(Value value) => _values.GetValueOrDefault(value) ?? Graph.Constant(value.Literal!);

    protected Value? NowOrNull(Value? value) => value is null ? null : Now(value);

    protected void Set(Value value, Value now) => _values.Add(value, now);

    /// <summary>Appends a node as it is.</summary>
    protected void Copy(Node node) => Set(node, Graph.EmitMany(node.Op, node.Domain, [.. node.Inputs.Select(NowOrNull)],
        [.. node.Outputs.Select(output => (output.Type, output.Shape))], AttributesOf(node)));

    /// <summary>What stands for a node's outputs.</summary>
    protected void Set(Node node, IReadOnlyList<Value> outputs)
    {
        foreach ((Value output, Value now) in node.Outputs.Zip(outputs))
        {
            Set(output, now);
        }
    }
}
