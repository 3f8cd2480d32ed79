using Clouds.Graph.Building;
using Clouds.Models.Layers;

namespace Clouds.Models.Diffusion;

/// <summary>
/// A transformer over a map that looks at itself and at a text (diffusers: Transformer2DModel with one BasicTransformerBlock).
/// </summary>
/// <param name="Groups">Groups of the normalisation in front.</param>
/// <param name="Linear">Whether projections into and out of it are linear layers over cells (SD 2), not convolutions of 1 x 1 (SD 1.5).</param>
internal sealed record TextTransformer(int Groups, bool Linear)
{
    private const float MapEpsilon = 1e-6f;
    private const float Epsilon = 1e-5f;

    // N images · C channels · h×w cells · L tokens · T their width
    /// <summary>Builds it.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="map">[N, C, h, w].</param>
    /// <param name="text">[N, L, T].</param>
    /// <param name="heads">Attention heads, a divisor of C.</param>
    /// <param name="name">Where the parameters stand.</param>
    /// <returns>[N, C, h, w].</returns>
    public Value Build(GraphBuilder g, Value map, Value text, int heads, string name)
    {
        long channels = map.Shape[1].Size;
        Value y = g.GroupNorm(map, $"{name}.norm", Groups, MapEpsilon);
        Value x = Linear ? g.Linear(Rows(g, y), $"{name}.proj_in", channels) : Rows(g, g.Conv(y, $"{name}.proj_in", channels, 1));
        x = Block(g, x, text, new SlicedAttention(heads), $"{name}.transformer_blocks.0");                      // [N, h·w, C]
        y = Linear ? Map(g, g.Linear(x, $"{name}.proj_out", channels), map) : g.Conv(Map(g, x, map), $"{name}.proj_out", channels, 1);
        return g.Add(y, map);
    }

    private static Value Block(GraphBuilder g, Value x, Value text, SlicedAttention attention, string name)
    {
        Value y = g.LayerNorm(x, $"{name}.norm1", Epsilon);
        x = g.Add(x, Attend(g, y, y, attention, $"{name}.attn1"));
        x = g.Add(x, Attend(g, g.LayerNorm(x, $"{name}.norm2", Epsilon), text, attention, $"{name}.attn2"));
        return g.Add(x, FeedForward(g, g.LayerNorm(x, $"{name}.norm3", Epsilon), $"{name}.ff"));
    }

    private static Value Attend(GraphBuilder g, Value x, Value context, SlicedAttention attention, string name)
    {
        long width = x.Shape[2].Size;
        Value query = g.Linear(x, $"{name}.to_q", width, useBias: false);
        Value key = g.Linear(context, $"{name}.to_k", width, useBias: false);
        Value value = g.Linear(context, $"{name}.to_v", width, useBias: false);
        return g.Linear(attention.Build(g, query, key, value), $"{name}.to_out.0", width);
    }

    // GEGLU (Shazeer 2020): one half of the hidden layer gates the other.
    private static Value FeedForward(GraphBuilder g, Value x, string name)
    {
        long width = x.Shape[2].Size;
        IReadOnlyList<Value> halves = g.Split(g.Linear(x, $"{name}.net.0.proj", 8 * width), 2, 4 * width, 4 * width);
        return g.Linear(g.Mul(halves[0], g.Gelu(halves[1])), $"{name}.net.2", width);
    }

    private static Value Rows(GraphBuilder g, Value map) =>
        g.Reshape(g.Transpose(map, 0, 2, 3, 1), [map.Shape[0], map.Shape[2].Size * map.Shape[3].Size, map.Shape[1]]);

    private static Value Map(GraphBuilder g, Value rows, Value like) =>
        g.Transpose(g.Reshape(rows, [like.Shape[0], like.Shape[2], like.Shape[3], like.Shape[1]]), 0, 3, 1, 2);
}
