using Clouds.Graph.Building;
using Clouds.Graph.CustomOps;

namespace Clouds.Graph.Autodiff;

/// <content>Our own operators: each has an operator of its own for the gradient.</content>
internal static partial class GradientRules
{
    private static Dictionary<string, GradientRule> CustomRules => new()
    {
        ["clouds.LayerNorm"] = c => Wanted(c, c.G.LayerNormGrad(c.Dy, c.X(0), c.X(1), c.Node.Attribute<float>("epsilon"))),
        ["clouds.MsDeformAttn"] = c => Wanted(c, c.G.MsDeformAttnGrad(c.Dy, c.X(0), c.X(1), c.X(2), c.Node.Attribute<long[]>("levels"))),
        ["clouds.ScatterAdd"] = ScatterAdd.Gradient,
        ["clouds.PointSample"] = c =>
        [
            c.For(0, () => c.G.PointSampleGrad(c.Dy, c.X(1), c.X(0).Shape[2].Size, c.X(0).Shape[3].Size)),
            c.For(1, () => PointGradient(c.G, c.X(0), c.X(1), c.Dy)),
        ],
    };

    private static Value?[] Wanted(GradientContext c, IReadOnlyList<Value> gradients) => [.. gradients.Select((gradient, i) => c.Wanted[i] ? gradient : null)];
}
