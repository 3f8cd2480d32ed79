using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;

namespace Clouds.Graph.Operators;

/// <summary>
/// clouds.Linear: x [R, K], weight [O, K], bias [O] -> y [R, O], x · weightᵀ + bias. The gradient of x is an operator too; the others are sums over
/// rows, at which a runtime's own product is as good.
/// </summary>
internal static class Linear
{
    public static readonly CloudsOperator Operator = new("Linear", ["x", "weight", "bias"], ["y"])
    {
        Gradient = Differentiate,
        Lowering = f => f.Append("Gemm", ["x", "weight", "bias"], ["y"], ("transB", 1L)),
    };

    public static readonly CloudsOperator GradientOperator = new("LinearGrad", ["dy", "weight"], ["dx"])
    {
        Lowering = f => f.Append("Gemm", ["dy", "weight"], ["dx"]),
    };

    // Below this a call costs as much as is won.
    private const long LeastProducts = 1 << 27;

    /// <summary>Whether a layer is large enough to gain from the operator, its sizes being numbers.</summary>
    public static bool Pays(Value x, Value weight) => x.Type == ElementType.Float && x.Shape[0].IsStatic
        && x.Shape[0].Size * weight.Shape[0].Size * weight.Shape[1].Size >= LeastProducts;

    public static Value Emit(GraphBuilder g, Value x, Value weight, Value bias)
    {
        bool fits = x.Shape.Rank == 2 && weight.Shape.Rank == 2 && x.Shape[1] == weight.Shape[1] && bias.Shape.Equals([weight.Shape[0]]);
        GraphBuilder.Require(fits, $"linear layer of {x} with {weight} and {bias}");
        return Operator.Emit(g, [x, weight, bias], [(x.Type, [x.Shape[0], weight.Shape[0]])])[0];
    }

    public static Value EmitGradient(GraphBuilder g, Value dy, Value weight) =>
        GradientOperator.Emit(g, [dy, weight], [(dy.Type, [dy.Shape[0], weight.Shape[1]])])[0];

    private static Value?[] Differentiate(GradientContext c) =>
    [
        c.For(0, () => EmitGradient(c.G, c.Dy, c.X(1))),
        c.For(1, () => c.G.Gemm(c.Dy, c.X(0), transA: true)),
        c.For(2, () => GradientRules.BiasGradient(c.G, c.Dy, c.X(2).Shape)),
    ];
}
