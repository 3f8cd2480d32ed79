using Clouds.Graph.Building;

namespace Clouds.Training.SourceTraining;

/// <summary>
/// The matching cost (method.md section 2.2) with a weight for every point, from standard operators: N·Q·P values are made, which the operator
/// MatchingCost, for points that all weigh 1, never has.
/// </summary>
/// <param name="config">Weights of the three terms.</param>
internal sealed class WeightedCost(CriterionConfig config)
{
    // N images · Q queries · K classes · T target slots · P points · h×w mask logits
    /// <summary>cost[q, t] [N, Q, T].</summary>
    /// <param name="g">Graph.</param>
    /// <param name="classLogits">[N, Q, K + 1].</param>
    /// <param name="maskLogits">[N, Q, h, w].</param>
    /// <param name="targets">Targets.</param>
    /// <param name="points">[N, P, 2].</param>
    /// <param name="weights">[N, P].</param>
    public Value Build(GraphBuilder g, Value classLogits, Value maskLogits, CriterionInputs targets, Value points, Value weights)
    {
        Value w = g.Unsqueeze(weights, 1);                                                                      // [N, 1, P]
        Value m = g.PointSample(g.Detach(maskLogits), points);                                                  // [N, Q, P]
        Value wt = g.Mul(w, g.PointSample(targets.Masks, points));                                              // [N, T, P]
        Value s = g.Sigmoid(m);
        Value columns = g.Transpose(wt, 0, 2, 1);                                                               // [N, P, T]

        // Σ w·(softplus(m) - t·m) / Σ w
        Value sum = g.Sub(g.ReduceSum(g.Mul(w, g.Softplus(m)), -1), g.MatMul(m, columns));                      // [N, Q, T]
        Value entropy = g.Div(sum, LabelledPoints.Count(g, w));

        // 1 - (2 Σ w·s·t + 1) / (Σ w·s + Σ w·t + 1)
        Value areas = g.Add(g.Add(g.ReduceSum(g.Mul(w, s), -1), g.Transpose(g.ReduceSum(wt, -1), 0, 2, 1)), 1f);
        Value dice = g.Sub(1f, g.Div(g.Add(g.Mul(g.MatMul(s, columns), 2f), 1f), areas));
        Value masks = g.Add(g.Mul(entropy, (float)config.MaskWeight), g.Mul(dice, (float)config.DiceWeight));
        Value cost = g.Sub(masks, g.Mul(OfLabel(g, g.Detach(classLogits), targets.Labels), (float)config.ClassWeight));
        return g.Mul(cost, g.Unsqueeze(targets.Valid, 1));
    }

    // The probability of each target's class: [N, Q, T].
    private static Value OfLabel(GraphBuilder g, Value logits, Value labels)
    {
        Value isClass = OneHot.Of(g, labels, logits.Shape[2].Size);                                             // [N, T, K+1]
        return g.MatMul(g.Softmax(logits), g.Transpose(isClass, 0, 2, 1));
    }
}
