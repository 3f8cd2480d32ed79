using Clouds.Graph.Building;

namespace Clouds.Training.SourceTraining;

/// <summary>What points weigh where pixels without a label count for nothing (method.md section 2.5, exclude).</summary>
internal static class LabelledPoints
{
    // N images · R points of each · H×W pixels
    /// <summary>1 for a point on a pixel with a label, 0 for one on a pixel without.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="labelled">float [N, H, W], 1 or 0.</param>
    /// <param name="points">[N, R, 2], (x, y) in [0, 1).</param>
    /// <returns>[N, R].</returns>
    public static Value Weights(GraphBuilder g, Value labelled, Value points)
    {
        (Dim images, long height, long width) = (labelled.Shape[0], labelled.Shape[1].Size, labelled.Shape[2].Size);
        Value column = g.Floor(g.Mul(g.Slice(points, axis: 2, from: 0, to: 1), width));                         // [N, R, 1]
        Value row = g.Floor(g.Mul(g.Slice(points, axis: 2, from: 1, to: 2), height));                           // [N, R, 1]
        Value pixel = g.Cast(g.Squeeze(g.Add(g.Mul(row, width), column), 2), ElementType.Int64);                // [N, R]
        return g.GatherElements(g.Reshape(labelled, [images, height * width]), pixel, 1);
    }

    /// <summary>Σ of weights along the last axis, at least 1: what a weighted mean is divided by.</summary>
    public static Value Count(GraphBuilder g, Value weights) => g.Max(g.ReduceSum(weights, -1), g.Constant(1f));
}
