using Clouds.Graph.Building;

namespace Clouds.Models.MaskClassifier;

/// <summary>Semantic inference as part of a graph (method.md section 1.7): what queries say becomes what every pixel is.</summary>
public static class SemanticScores
{
    /// <summary>
    /// [N, K, H, W]: over the queries the sum of the probability of a class times that of the pixel lying in the mask, whose logits are resized first.
    /// </summary>
    /// <param name="g">Graph.</param>
    /// <param name="answer">The network's answer.</param>
    /// <param name="height">Rows wanted.</param>
    /// <param name="width">Columns wanted.</param>
    public static Value Of(GraphBuilder g, Prediction answer, Dim height, Dim width)
    {
        long classes = answer.ClassLogits.Shape[2].Size - 1;
        Value likely = g.Slice(g.Softmax(answer.ClassLogits), axis: 2, from: 0, to: classes);                       // [N, Q, K]
        Value inside = g.Sigmoid(g.ResizeBilinear(answer.MaskLogits, height, width));                               // [N, Q, H, W]
        Value flat = g.Reshape(inside, [inside.Shape[0], inside.Shape[1], height * width]);
        return g.Reshape(g.MatMul(g.Transpose(likely, 0, 2, 1), flat), [inside.Shape[0], classes, height, width]);
    }
}
