using Clouds.Graph.Building;

namespace Clouds.Graph.Operators;

/// <summary>
/// A graph in which operators without a GPU's kernel are the standard nodes of their lowering: what a GPU is given in a training step, so that its memory is
/// that of the plan. It computes the same.
/// </summary>
public static class LoweredGraph
{
    /// <summary>Rewrites a graph whose extents are numbers; it is left as it is, and given back where it has no such operator.</summary>
    public static GraphBuilder Of(GraphBuilder source) => source.LiveNodes().Any(node => Nodes(node) is not null) ? new Rewriting(source).Write() : source;

    private static Func<GraphBuilder, Node, IReadOnlyList<Value>, IReadOnlyList<Value>>? Nodes(Node node) =>
        node.Domain == GraphBuilder.Domain ? CloudsOperators.Find(node.Op)?.Nodes : null;

    private sealed class Rewriting(GraphBuilder source) : GraphRewriting(source)
    {
        public GraphBuilder Write()
        {
            foreach (Node node in Open)
            {
                if (Nodes(node) is { } nodes)
                {
                    Set(node, nodes(Graph, node, [.. node.Inputs.Select(input => Now(input!))]));
                }
                else
                {
                    Copy(node);
                }
            }

            Source.Outputs.ToList().ForEach(output => Graph.Output(output.Name, Now(output.Value)));
            return Graph;
        }
    }
}
