using System.Globalization;

namespace Clouds.Graph.Building;

/// <summary>A part of a network, by the names of its parameters.</summary>
/// <param name="Name">What the names of its parameters begin with.</param>
/// <param name="Output">Shape of the last value that it computes.</param>
/// <param name="Parameters">Numbers that are learned or kept; those that several blocks share count in the first.</param>
/// <param name="MultiplyAdds">Multiplications with an addition in matrix products and convolutions; two flops each, and nearly all there are.</param>
public sealed record BlockSummary(string Name, Shape Output, long Parameters, long MultiplyAdds)
{
    /// <summary>The blocks of a graph in the order of their first node.</summary>
    /// <param name="graph">A graph whose extents are all numbers. Nodes without a parameter of their own belong to the block in front of them.</param>
    /// <param name="layers">A block for every layer; otherwise layers of one number ("layers.3") are one block.</param>
    public static IReadOnlyList<BlockSummary> Of(GraphBuilder graph, bool layers = false)
    {
        Dictionary<Value, string> weights = graph.Parameters.ToDictionary(p => p.Value, p => Block(p.Name, layers));
        HashSet<Value> constants = [.. graph.Constants];
        OrderedDictionary<string, BlockSummary> blocks = [];
        string current = "";
        foreach (Node node in graph.LiveNodes())
        {
            string? own = node.Inputs.OfType<Value>().Select(weights.GetValueOrDefault).FirstOrDefault(name => name is not null);
            if (own is not null && node.Inputs.OfType<Value>().All(input => weights.ContainsKey(input) || constants.Contains(input)))
            {
                // Weights on their way to where they are used.
                Array.ForEach([.. node.Outputs], output => weights.Add(output, own));
                continue;
            }

            current = own ?? current;
            BlockSummary block = blocks.TryGetValue(current, out BlockSummary? known) ? known : new BlockSummary(current, [], 0, 0);
            blocks[current] = block with { Output = node.Outputs[0].Shape, MultiplyAdds = block.MultiplyAdds + Count(node) };
        }

        foreach (IGrouping<string, Parameter> block in graph.Parameters.GroupBy(p => Block(p.Name, layers)).Where(group => blocks.ContainsKey(group.Key)))
        {
            blocks[block.Key] = blocks[block.Key] with { Parameters = block.Where(p => p.IsRead).Sum(p => p.Shape.ElementCount) };
        }

        return [.. blocks.Values];
    }

    /// <summary>Multiplications with an addition of one node; 0 for all but matrix products and convolutions.</summary>
    public static long Count(Node node) => node.Op switch
    {
        "MatMul" or "Linear" or "LinearGrad" => node.Outputs[0].Shape.ElementCount * node.Input(0).Shape[-1].Size,
        "Gemm" => node.Outputs[0].Shape.ElementCount * node.Input(0).Shape[node.Attribute("transA", 0L) == 0 ? 1 : 0].Size,
        "Conv" or "DepthwiseConv" => node.Outputs[0].Shape.ElementCount * (node.Input(1).Shape.ElementCount / node.Input(1).Shape[0].Size),
        "ConvTranspose" => node.Input(0).Shape.ElementCount * (node.Input(1).Shape.ElementCount / node.Input(1).Shape[0].Size),
        _ => 0,
    };

    private static string Block(string parameter, bool layers)
    {
        string[] parts = parameter.Split('.');
        int number = Array.FindIndex(parts, part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _));
        int count = layers || number < 0 || number == parts.Length - 1 ? Math.Max(1, parts.Length - 1) : number + 1;
        return string.Join('.', parts.Take(count));
    }
}
