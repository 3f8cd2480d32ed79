using Clouds.Graph.Building;

namespace Clouds.Models.Layers;

/// <summary>
/// torch.nn.MultiheadAttention without dropout: the rows of queries, keys and values stand in one matrix "in_proj_weight" [3 D, D] and one vector
/// "in_proj_bias" [3 D]; "out_proj" follows.
/// </summary>
/// <param name="heads">M, a divisor of the width.</param>
/// <param name="input">Start values of "in_proj_weight".</param>
/// <param name="output">Start values of "out_proj.weight".</param>
public sealed class MultiHeadAttention(int heads, Initializer input, Initializer output)
{
    // N batch · Q queries · S keys · D width · M heads
    /// <summary>Attends.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="query">[N, Q, D].</param>
    /// <param name="key">[N, S, D].</param>
    /// <param name="value">[N, S, D].</param>
    /// <param name="bias">Added to the scores [N, M, Q, S], broadcast; null: nothing.</param>
    /// <param name="name">Where the parameters stand.</param>
    /// <returns>[N, Q, D].</returns>
    public Value Build(GraphBuilder g, Value query, Value key, Value value, Value? bias, string name)
    {
        long d = query.Shape[-1].Size;
        IReadOnlyList<Value> w = g.Split(g.Parameter($"{name}.in_proj_weight", [3 * d, d], input), 0, d, d, d);
        IReadOnlyList<Value> b = g.Split(g.Parameter($"{name}.in_proj_bias", [3 * d], Initialize.Zeros), 0, d, d, d);
        float scale = (float)(1 / Math.Sqrt((double)d / heads));
        Value q = Heads(g, g.Mul(g.Linear(query, w[0], b[0]), scale), 0, 2, 1, 3);                              // [N, M, Q, D/M]
        Value k = Heads(g, g.Linear(key, w[1], b[1]), 0, 2, 3, 1);                                              // [N, M, D/M, S]
        Value v = Heads(g, g.Linear(value, w[2], b[2]), 0, 2, 1, 3);                                            // [N, M, S, D/M]
        Value scores = g.MatMul(q, k);                                                                          // [N, M, Q, S]
        Value attention = g.Softmax(bias is null ? scores : g.Add(scores, bias));
        Value mixed = g.Reshape(g.Transpose(g.MatMul(attention, v), 0, 2, 1, 3), query.Shape);                  // [N, Q, D]
        return g.Linear(mixed, $"{name}.out_proj", d, output, Initialize.Zeros);
    }

    private Value Heads(GraphBuilder g, Value x, params int[] order) =>
        g.Transpose(g.Reshape(x, [x.Shape[0], x.Shape[1], heads, x.Shape[2].Size / heads]), order);
}
