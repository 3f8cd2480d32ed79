using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;

namespace Clouds.Graph.Operators;

/// <summary>An operator of domain "clouds": its schema, and the two things that a graph writer asks of it beside its shapes.</summary>
/// <param name="Name">Operator name.</param>
/// <param name="Inputs">Names of the inputs, in order.</param>
/// <param name="Outputs">Names of the outputs, in order.</param>
/// <param name="Attributes">Names of the attributes, all of them required.</param>
internal sealed record CloudsOperator(string Name, string[] Inputs, string[] Outputs, params string[] Attributes)
{
    /// <summary>Gradients of the inputs; null where there is no rule.</summary>
    public GradientRule? Gradient { get; init; }

    /// <summary>Whether no gradient passes: the outputs are choices, or serve only to make them.</summary>
    public bool StopsGradient { get; init; }

    /// <summary>Writes what it computes, in standard operators; null where they cannot express it.</summary>
    public Action<FunctionBuilder>? Lowering { get; init; }

    /// <summary>
    /// The lowering once more, as nodes of a graph whose extents are numbers, for operators that GPUs have no kernel for: graph, node, its inputs there, to its
    /// outputs. Null where a GPU has a kernel, or the lowering is one node of the same memory.
    /// </summary>
    public Func<GraphBuilder, Node, IReadOnlyList<Value>, IReadOnlyList<Value>>? Nodes { get; init; }

    /// <summary>Appends a node of the operator, whose shape rule vouches for the outputs.</summary>
    /// <exception cref="ArgumentException">The node does not fit the schema.</exception>
    public IReadOnlyList<Value> Emit(
        GraphBuilder g, IReadOnlyList<Value?> inputs, IReadOnlyList<(ElementType Type, Shape Shape)> outputs, params (string Name, object Value)[] attributes)
    {
        if (inputs.Count != Inputs.Length || outputs.Count != Outputs.Length || attributes.Length != Attributes.Length)
        {
            throw new ArgumentException(
                $"{Name} has inputs {string.Join(", ", Inputs)}, outputs {string.Join(", ", Outputs)} and attributes {string.Join(", ", Attributes)}");
        }

        return g.EmitMany(Name, GraphBuilder.Domain, inputs, outputs, attributes);
    }

    /// <summary>The model-local function that travels in every model file which uses the operator; null where there is no lowering.</summary>
    public FunctionProto? Lower()
    {
        if (Lowering is null)
        {
            return null;
        }

        FunctionBuilder f = new(this);
        Lowering(f);
        return f.Build();
    }
}
