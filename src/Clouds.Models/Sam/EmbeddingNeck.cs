using Clouds.Graph.Building;
using Clouds.Models.Layers;

namespace Clouds.Models.Sam;

/// <summary>What makes embeddings of an encoder's last map: two convolutions without bias, each normalised over its channels.</summary>
internal static class EmbeddingNeck
{
    private const float Epsilon = 1e-6f;

    /// <summary>map [N, e, e, D] to [N, C, e, e].</summary>
    public static Value Build(GraphBuilder g, Value map, long channels)
    {
        Value mix = g.Parameter("neck.0.weight", [channels, map.Shape[3], 1, 1], Initialize.FrameworkWeight);
        Value x = g.Linear(map, g.Reshape(mix, [channels, map.Shape[3]]), null);                        // [N, e, e, C]
        x = g.Transpose(g.LayerNorm(x, "neck.1", Epsilon), 0, 3, 1, 2);                                 // [N, C, e, e]
        return ChannelNorm.Of(g, g.Conv(x, "neck.2", channels, kernel: 3, pad: 1, useBias: false), "neck.3", Epsilon);
    }
}
