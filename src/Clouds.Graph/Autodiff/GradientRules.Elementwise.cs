using Clouds.Graph.Building;
using Clouds.Graph.Operators;

namespace Clouds.Graph.Autodiff;

/// <content>Element-wise operators. A broadcast input's gradient is summed back to its shape.</content>
internal static partial class GradientRules
{
    private static readonly float TwoOverSqrtPi = (float)(2 / Math.Sqrt(Math.PI));

    private static Dictionary<string, GradientRule> ElementwiseRules => new()
    {
        ["Identity"] = Unary((_, c) => c.Dy),
        ["Neg"] = Unary((g, c) => g.Neg(c.Dy)),
        ["Abs"] = Unary((g, c) => g.Mul(c.Dy, g.Sign(c.X(0)))),
        ["Exp"] = Unary((g, c) => g.Mul(c.Dy, c.Y)),
        ["Log"] = Unary((g, c) => g.Div(c.Dy, c.X(0))),
        ["Sqrt"] = Unary((g, c) => g.Div(g.Mul(c.Dy, 0.5f), c.Y)),
        ["Reciprocal"] = Unary((g, c) => g.Neg(g.Mul(c.Dy, g.Square(c.Y)))),
        ["Erf"] = Unary((g, c) => g.Mul(c.Dy, g.Mul(g.Exp(g.Neg(g.Square(c.X(0)))), TwoOverSqrtPi))),
        ["Sin"] = Unary((g, c) => g.Mul(c.Dy, g.Cos(c.X(0)))),
        ["Cos"] = Unary((g, c) => g.Neg(g.Mul(c.Dy, g.Sin(c.X(0))))),
        ["Tanh"] = Unary((g, c) => g.Mul(c.Dy, g.Sub(1f, g.Square(c.Y)))),
        ["Sigmoid"] = Unary((g, c) => g.Mul(c.Dy, g.Mul(c.Y, g.Sub(1f, c.Y)))),
        ["Relu"] = Unary((g, c) => g.Mul(c.Dy, g.GreaterMask(c.Y, g.Constant(0f)))),
        ["Gelu"] = Unary((g, c) => Activations.EmitGradient(Activations.GeluGradient, g, c.Dy, c.X(0))),
        ["Cast"] = Unary((g, c) => g.Cast(c.Dy, c.X(0).Type)),
        ["Clip"] = Unary((g, c) => g.Mul(c.Dy, Inside(g, c))),
        ["Add"] = Binary((_, c) => c.Dy, (_, c) => c.Dy),
        ["Sub"] = Binary((_, c) => c.Dy, (g, c) => g.Neg(c.Dy)),
        ["Mul"] = c => c.Node.Attributes.ContainsKey(GraphBuilder.SiluMark.Name) ? SiluRule(c) : Product(c),
        ["Div"] = Binary((g, c) => g.Div(c.Dy, c.X(1)), (g, c) => g.Neg(g.Div(g.Mul(c.Dy, c.Y), c.X(1)))),
        ["Pow"] = Binary((g, c) => g.Mul(c.Dy, PowerSlope(g, c.X(0), c.X(1))), (g, c) => g.Mul(c.Dy, g.Mul(c.Y, g.Log(c.X(0))))),
        ["Max"] = Binary((g, c) => g.Mul(c.Dy, Wins(g, c.X(0), c.X(1))), (g, c) => g.Mul(c.Dy, Wins(g, c.X(1), c.X(0)))),
        ["Min"] = Binary((g, c) => g.Mul(c.Dy, Wins(g, c.X(1), c.X(0))), (g, c) => g.Mul(c.Dy, Wins(g, c.X(0), c.X(1)))),
        ["Sum"] = c => [.. c.Node.Inputs.Select((_, i) => c.For(i, () => c.G.SumTo(c.Dy, c.X(i).Shape)))],
        ["Where"] = c =>
        [
            null,
            c.For(1, () => c.G.SumTo(c.G.Mul(c.Dy, c.G.Cast(c.X(0), c.Dy.Type)), c.X(1).Shape)),
            c.For(2, () => c.G.SumTo(c.G.Mul(c.Dy, c.G.Cast(c.G.Not(c.X(0)), c.Dy.Type)), c.X(2).Shape)),
        ],
    };

    private static readonly GradientRule Product = Binary((g, c) => g.Mul(c.Dy, c.X(1)), (g, c) => g.Mul(c.Dy, c.X(0)));

    private static GradientRule Unary(Func<GraphBuilder, GradientContext, Value> slope) => c => [c.For(0, () => slope(c.G, c))];

    private static GradientRule Binary(Func<GraphBuilder, GradientContext, Value> first, Func<GraphBuilder, GradientContext, Value> second) => c =>
    [
        c.For(0, () => c.G.SumTo(first(c.G, c), c.X(0).Shape)),
        c.For(1, () => c.G.SumTo(second(c.G, c), c.X(1).Shape)),
    ];

    // Of x and its sigmoid, the first takes the whole gradient.
    private static Value?[] SiluRule(GradientContext c) =>
        [c.For(0, () => Activations.EmitGradient(Activations.SiluGradient, c.G, c.Dy, c.X(0))), null];

    // The edges count as inside, which is PyTorch's rule for clamp.
    private static Value Inside(GraphBuilder g, GradientContext c) =>
        g.Cast(g.Not(g.Or(g.Less(c.X(0), c.X(1)), g.Greater(c.X(0), c.X(2)))), c.Dy.Type);

    // e · x^(e-1). The zeroth power is flat, at zero too, where the formula would give 0 · infinity.
    private static Value PowerSlope(GraphBuilder g, Value x, Value exponent)
    {
        if (exponent.Literal is { Type: ElementType.Float } literal && literal.Floats.IndexOfAnyExcept(0f) < 0)
        {
            return exponent;
        }

        Value power = g.Emit("Pow", [x, g.Sub(exponent, g.Constant(1f))], x.Type, Shape.Broadcast(x.Shape, exponent.Shape));
        return g.Mul(power, exponent);
    }

    // 1 where a wins, 1/2 on a tie, which is PyTorch's rule for maximum and minimum.
    private static Value Wins(GraphBuilder g, Value a, Value b)
    {
        Value tie = g.Mul(g.Cast(g.Equal(a, b), ElementType.Float), 0.5f);
        return g.Add(g.GreaterMask(a, b), tie);
    }
}
