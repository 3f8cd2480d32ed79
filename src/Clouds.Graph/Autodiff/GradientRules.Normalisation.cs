using Clouds.Graph.Building;

namespace Clouds.Graph.Autodiff;

/// <content>Layer and group normalisation from standard operators. Statistics are recomputed: they are small beside the activations.</content>
internal static partial class GradientRules
{
    private static Dictionary<string, GradientRule> NormalisationRules => new()
    {
        ["LayerNormalization"] = LayerNormalizationRule,
        ["GroupNormalization"] = GroupNormalizationRule,
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

    // x [N, C, H, W] is seen as [N, G, C/G, H·W]; a group's statistics run over the last two axes, one after the other to keep digits.
    private static Value?[] GroupNormalizationRule(GradientContext c)
    {
        GraphBuilder g = c.G;
        Shape shape = c.X(0).Shape;
        long groups = c.Node.Attribute<long>("num_groups");
        long channels = shape[1].Size / groups;
        Shape grouped = [shape[0], groups, channels, shape[2] * shape[3]];
        Shape perChannel = [1, groups, channels, 1];
        Value GroupMean(Value v) => g.ReduceMean(g.ReduceMean(v, 3), 2);

        Value x = g.Reshape(c.X(0), grouped);
        Value dy = g.Reshape(c.Dy, grouped);
        Value centred = g.Sub(x, GroupMean(x));
        Value inverseDeviation = g.Reciprocal(g.Sqrt(g.Add(GroupMean(g.Square(centred)), c.Node.Attribute<float>("epsilon"))));
        Value normal = g.Mul(centred, inverseDeviation);
        Value ToChannels(Value v) => g.Reshape(g.ReduceSum(g.ReduceSum(v, 3), 0), [shape[1]]);

        Value InputGradient()
        {
            Value d = g.Mul(dy, g.Reshape(c.X(1), perChannel));
            Value inner = g.Sub(g.Sub(d, GroupMean(d)), g.Mul(normal, GroupMean(g.Mul(d, normal))));
            return g.Reshape(g.Mul(inner, inverseDeviation), shape);
        }

        return [c.For(0, InputGradient), c.For(1, () => ToChannels(g.Mul(dy, normal))), c.For(2, () => ToChannels(dy))];
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
