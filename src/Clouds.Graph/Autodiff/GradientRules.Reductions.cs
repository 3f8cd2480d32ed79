using Clouds.Graph.Building;

namespace Clouds.Graph.Autodiff;

/// <content>Reductions over one axis, softmax, top-k.</content>
internal static partial class GradientRules
{
    private static Dictionary<string, GradientRule> ReductionRules => new()
    {
        ["ReduceSum"] = Unary((g, c) => g.Expand(Kept(g, c, c.Dy), c.X(0).Shape)),
        ["ReduceMean"] = Unary((g, c) => g.Expand(g.Mul(Kept(g, c, c.Dy), 1f / c.X(0).Shape[ReducedAxis(c)].Size), c.X(0).Shape)),
        ["ReduceMax"] = Unary(ExtremeGradient),
        ["ReduceMin"] = Unary(ExtremeGradient),
        ["Softmax"] = Unary((g, c) => SoftmaxGradient(g, c.Y, c.Dy, (int)c.Node.Attribute<long>("axis"))),
        ["LogSoftmax"] = Unary((g, c) => g.Sub(c.Dy, g.Mul(g.Exp(c.Y), g.ReduceSum(c.Dy, (int)c.Node.Attribute<long>("axis"))))),
        ["TopK"] = c => [c.For(0, () => c.G.ScatterAdd(c.Dy, c.Node.Outputs[1], c.X(0).Shape[-1].Size, c.Dy.Shape.Rank - 1)), null],
    };

    private static int ReducedAxis(GradientContext c) => (int)c.X(1).Literal!.Integers[0];

    private static Value Kept(GraphBuilder g, GradientContext c, Value reduced) => g.Reshape(reduced, c.X(0).Shape.With(ReducedAxis(c), 1));

    // Elements that tie for the extreme share the gradient evenly (PyTorch's amax and amin).
    private static Value ExtremeGradient(GraphBuilder g, GradientContext c)
    {
        Value isExtreme = g.Cast(g.Equal(c.X(0), Kept(g, c, c.Y)), ElementType.Float);
        return g.Mul(g.Div(isExtreme, g.ReduceSum(isExtreme, ReducedAxis(c))), Kept(g, c, c.Dy));
    }

    private static Value SoftmaxGradient(GraphBuilder g, Value y, Value dy, int axis)
    {
        Value weighted = g.Mul(dy, y);
        return g.Sub(weighted, g.Mul(y, g.ReduceSum(weighted, axis)));
    }
}
