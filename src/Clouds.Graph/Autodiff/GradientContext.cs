using Clouds.Graph.Building;

namespace Clouds.Graph.Autodiff;

/// <summary>What a gradient rule sees: one node, the gradients that arrive at its outputs, and which inputs want one.</summary>
/// <param name="G">Builder of the graph, to which the rule appends nodes.</param>
/// <param name="Node">The node to differentiate.</param>
/// <param name="Upstream">Gradient at each output; null where none arrives.</param>
/// <param name="Wanted">Whether each input lies on a path to a wanted value.</param>
internal sealed record GradientContext(GraphBuilder G, Node Node, IReadOnlyList<Value?> Upstream, IReadOnlyList<bool> Wanted)
{
    /// <summary>Gradient at the first output; the rule runs only where one of the outputs has one.</summary>
    public Value Dy => Upstream[0] ?? throw new InvalidOperationException($"no gradient arrives at the first output of {Node}");

    /// <summary>The first output.</summary>
    public Value Y => Node.Outputs[0];

    /// <summary>The i-th input.</summary>
    public Value X(int i) => Node.Input(i);

    /// <summary>Runs the recipe of an input's gradient where that gradient is wanted.</summary>
    public Value? For(int input, Func<Value> recipe) => input < Wanted.Count && Wanted[input] ? recipe() : null;

    /// <summary>Of gradients that come out of one node, those that are wanted.</summary>
    public Value?[] Wanting(IReadOnlyList<Value> gradients) => [.. gradients.Select((gradient, i) => Wanted[i] ? gradient : null)];
}

/// <summary>A gradient rule: one entry per input, null where the input needs none or has none. Rules return nodes, never numbers.</summary>
internal delegate Value?[] GradientRule(GradientContext c);
