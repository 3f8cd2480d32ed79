using Clouds.Graph.Building;

namespace Clouds.Graph.Autodiff;

/// <summary>
/// Reverse-mode differentiation on graphs: one walk over the nodes, one rule table. The backward nodes are appended to the same graph, so that
/// one run of it computes outputs and gradients. Only nodes on a path from an output to a wanted value are visited.
/// </summary>
public static class Gradients
{
    /// <summary>Gradients of a scalar with respect to the wanted values.</summary>
    /// <param name="g">Graph; the backward nodes are appended.</param>
    /// <param name="loss">A float scalar (any shape of one element).</param>
    /// <param name="wanted">Parameters, inputs or intermediate values.</param>
    /// <returns>One gradient per wanted value, of its shape; zeros where the loss does not depend on it.</returns>
    public static IReadOnlyList<Value> Of(GraphBuilder g, Value loss, IReadOnlyList<Value> wanted) =>
        Of(g, [(loss, g.Reshape(g.Constant(1f), loss.Shape))], wanted);

    /// <summary>
    /// The gradient of a loss by itself: 1, a constant that nothing else of the graph shares, so that <see cref="MixedPrecision"/> can put a scale in its
    /// place.
    /// </summary>
    public static Value Seed(GraphBuilder g, Value loss) => g.Constant("loss.seed", Literal.Of([1f], loss.Shape.Sizes));

    /// <summary>Gradients of the sum over outputs of sum(output · cotangent).</summary>
    /// <exception cref="NotSupportedException">A node on the path has no gradient rule.</exception>
    public static IReadOnlyList<Value> Of(GraphBuilder g, IReadOnlyList<(Value Output, Value Cotangent)> outputs, IReadOnlyList<Value> wanted)
    {
        Node[] forward = [.. g.Nodes];
        HashSet<Value> reachable = ReachableFrom(wanted, forward);
        Dictionary<Value, List<Value>> arrived = [];
        foreach ((Value output, Value cotangent) in outputs)
        {
            Arrive(arrived, output, cotangent.Expect(output.Shape));
        }

        foreach (Node node in forward.Reverse())
        {
            // A wanted value may itself come out of a node that no gradient passes.
            bool onPath = node.Outputs.Any(arrived.ContainsKey) && node.Outputs.Any(reachable.Contains);
            if (onPath && !GradientRules.StopsGradient(node))
            {
                Visit(g, node, reachable, arrived);
            }
        }

        return [.. wanted.Select(value => Total(g, value, arrived) ?? g.Zeros(value.Shape))];
    }

    private static HashSet<Value> ReachableFrom(IReadOnlyList<Value> wanted, Node[] forward)
    {
        HashSet<Value> reachable = [.. wanted];
        foreach (Node node in forward)
        {
            if (!GradientRules.StopsGradient(node) && node.Inputs.Any(input => input is not null && reachable.Contains(input)))
            {
                reachable.UnionWith(node.Outputs.Where(IsDifferentiable));
            }
        }

        return reachable;
    }

    private static bool IsDifferentiable(Value value) => value.Type is ElementType.Float or ElementType.Double or ElementType.Float16;

    private static void Visit(GraphBuilder g, Node node, HashSet<Value> reachable, Dictionary<Value, List<Value>> arrived)
    {
        using IDisposable? single = node.InSingle ? g.InSingle() : null;
        bool[] wants = [.. node.Inputs.Select(input => input is not null && reachable.Contains(input))];
        Value?[] upstream = [.. node.Outputs.Select(output => Total(g, output, arrived))];
        Value?[] gradients = GradientRules.For(node)(new GradientContext(g, node, upstream, wants));
        for (int i = 0; i < gradients.Length; i++)
        {
            if (gradients[i] is Value gradient && wants[i])
            {
                Arrive(arrived, node.Input(i), gradient);
            }
        }
    }

    private static void Arrive(Dictionary<Value, List<Value>> arrived, Value value, Value gradient)
    {
        if (!arrived.TryGetValue(value, out List<Value>? list))
        {
            arrived[value] = list = [];
        }

        list.Add(gradient.Expect(value.Shape));
    }

    // The sum replaces its terms, so that a value asked for twice is summed once.
    private static Value? Total(GraphBuilder g, Value value, Dictionary<Value, List<Value>> arrived)
    {
        if (!arrived.TryGetValue(value, out List<Value>? terms))
        {
            return null;
        }

        if (terms.Count > 1)
        {
            arrived[value] = terms = [g.Emit("Sum", terms, value.Type, value.Shape)];
        }

        return terms[0];
    }
}
