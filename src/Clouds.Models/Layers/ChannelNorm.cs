using Clouds.Graph.Building;

namespace Clouds.Models.Layers;

/// <summary>Layer normalisation of a map's channels, at each cell for itself: ConvNeXt's and Segment Anything's LayerNorm2d.</summary>
public static class ChannelNorm
{
    /// <summary>map [N, C, h, w] with parameters "{name}.weight" and "{name}.bias".</summary>
    public static Value Of(GraphBuilder g, Value map, string name, float epsilon) =>
        g.Transpose(g.LayerNorm(g.Transpose(map, 0, 2, 3, 1), name, epsilon), 0, 3, 1, 2);
}
