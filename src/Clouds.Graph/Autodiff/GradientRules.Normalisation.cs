using Clouds.Graph.Building;
using Clouds.Graph.Operators;

namespace Clouds.Graph.Autodiff;

/// <content>Normalisation by the standard's operators. Statistics are recomputed: they are small beside the activations.</content>
internal static partial class GradientRules
{
    private static Dictionary<string, GradientRule> NormalisationRules => new()
    {
        ["LayerNormalization"] = LayerNormalizationRule,
        ["GroupNormalization"] = GroupNormalizationRule,
        ["BatchNormalization"] = BatchNormalizationRule,
    };

    private static Value?[] LayerNormalizationRule(GradientContext c)
    {
        GraphBuilder g = c.G;
        Value x = c.X(0);
        (Value normal, Value inverseDeviation) = Standardise(g, x, c.Node.Attribute<float>("epsilon"));
        return
        [
            c.For(0, () => StandardiseGradient(g, g.Mul(c.Dy, c.X(1)), normal, inverseDeviation)),
            c.For(1, () => g.SumTo(g.Mul(c.Dy, normal), c.X(1).Shape)),
            c.For(2, () => g.SumTo(c.Dy, c.X(2).Shape)),
        ];
    }

    private static Value?[] GroupNormalizationRule(GradientContext c) => GroupNorm.Differentiate(c, "num_groups");

    // The statistics are given, so the operator is linear in x.
    private static Value?[] BatchNormalizationRule(GradientContext c)
    {
        GraphBuilder g = c.G;
        Value Spread(Value perChannel) => g.Reshape(perChannel, [1, perChannel.Shape[0], 1, 1]);
        Value inverseDeviation = g.Reciprocal(g.Sqrt(g.Add(c.X(4), c.Node.Attribute<float>("epsilon"))));   // [C]
        Value Total(Value map) => g.Reshape(g.SumTo(map, [1, c.X(1).Shape[0], 1, 1]), c.X(1).Shape);        // [N, C, H, W] to [C]
        return
        [
            c.For(0, () => g.Mul(c.Dy, Spread(g.Mul(c.X(1), inverseDeviation)))),
            c.For(1, () => g.Mul(Total(g.Mul(c.Dy, g.Sub(c.X(0), Spread(c.X(3))))), inverseDeviation)),
            c.For(2, () => Total(c.Dy)),
            null,
            null,
        ];
    }

    private static (Value Normal, Value InverseDeviation) Standardise(GraphBuilder g, Value x, float epsilon)
    {
        Value centred = g.Sub(x, g.ReduceMean(x, -1));
        Value inverseDeviation = g.Reciprocal(g.Sqrt(g.Add(g.ReduceMean(g.Square(centred), -1), epsilon)));
        return (g.Mul(centred, inverseDeviation), inverseDeviation);
    }

    private static Value StandardiseGradient(GraphBuilder g, Value d, Value normal, Value inverseDeviation)
    {
        Value inner = g.Sub(g.Sub(d, g.ReduceMean(d, -1)), g.Mul(normal, g.ReduceMean(g.Mul(d, normal), -1)));
        return g.Mul(inner, inverseDeviation);
    }
}
