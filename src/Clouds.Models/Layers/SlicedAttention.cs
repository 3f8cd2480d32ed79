using Clouds.Graph.Building;

namespace Clouds.Models.Layers;

/// <summary>
/// softmax(q kᵀ / √C) v for several heads, some queries at a time, so that scores never take more than a bound: an image of 768 x 768 has 9,216 latent
/// cells, whose scores are 340 MB a head. Slices give the bits of the whole, as every query stands for itself.
/// </summary>
/// <param name="heads">M, a divisor of the width.</param>
/// <param name="most">Bytes that the scores of one slice may take; a slice has one query at least.</param>
public sealed class SlicedAttention(int heads, long most = 256L << 20)
{
    // N batch · Q queries · S keys · D width · M heads · C = D/M
    /// <summary>Attends.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="query">[N, Q, D].</param>
    /// <param name="key">[N, S, D].</param>
    /// <param name="value">[N, S, D].</param>
    /// <returns>[N, Q, D].</returns>
    public Value Build(GraphBuilder g, Value query, Value key, Value value)
    {
        float scale = (float)(1 / Math.Sqrt((double)query.Shape[2].Size / heads));
        Value q = Heads(g, g.Mul(query, scale), 0, 2, 1, 3);                                                    // [N, M, Q, C]
        Value k = Heads(g, key, 0, 2, 3, 1);                                                                    // [N, M, C, S]
        Value v = Heads(g, value, 0, 2, 1, 3);                                                                  // [N, M, S, C]
        Value[] slices = [.. Slices(g, q, k.Shape[3].Size).Select(part => g.MatMul(g.Softmax(g.MatMul(part, k)), v))];
        Value mixed = slices.Length == 1 ? slices[0] : g.Concat(2, slices);                                     // [N, M, Q, C]
        return g.Reshape(g.Transpose(mixed, 0, 2, 1, 3), query.Shape);
    }

    private IEnumerable<Value> Slices(GraphBuilder g, Value q, long keys)
    {
        long queries = q.Shape[2].Size;
        long size = Math.Clamp(most / (sizeof(float) * q.Shape[0].Size * heads * keys), 1, queries);
        for (long from = 0; from < queries; from += size)
        {
            yield return size == queries ? q : g.Slice(q, 2, from, Math.Min(from + size, queries));
        }
    }

    private Value Heads(GraphBuilder g, Value x, params int[] order) =>
        g.Transpose(g.Reshape(x, [x.Shape[0], x.Shape[1], heads, x.Shape[2].Size / heads]), order);
}
