using Clouds.Graph.Building;

namespace Clouds.Models.Layers;

/// <summary>A map seen as one row a pixel, in raster order: what attention works on.</summary>
public static class PixelRows
{
    /// <summary>map [N, C, h, w] to [N, h · w, C].</summary>
    public static Value Of(GraphBuilder g, Value map) =>
        g.Transpose(g.Reshape(map, [map.Shape[0], map.Shape[1], map.Shape[2] * map.Shape[3]]), 0, 2, 1);

    /// <summary>rows [N, height · width, C] to [N, C, height, width].</summary>
    public static Value ToMap(GraphBuilder g, Value rows, Dim height, Dim width) =>
        g.Reshape(g.Transpose(rows, 0, 2, 1), [rows.Shape[0], rows.Shape[2], height, width]);
}
