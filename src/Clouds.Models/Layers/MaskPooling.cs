using Clouds.Graph.Building;

namespace Clouds.Models.Layers;

/// <summary>Means of features within masks.</summary>
public static class MaskPooling
{
    /// <summary>1 where a mask logit is above 0, else 0; no gradient passes.</summary>
    public static Value Inside(GraphBuilder g, Value masks) => g.GreaterMask(g.Detach(masks), g.Constant(0f));

    /// <summary>The mean [N, Q, C] of features [N, C, h, w] where inside [N, Q, h · w] is 1; 0 where it is nowhere.</summary>
    public static Value Mean(GraphBuilder g, Value features, Value inside) =>
        g.Div(g.MatMul(inside, PixelRows.Of(g, features)), g.Add(g.ReduceSum(inside, 2), 1e-8f));
}
