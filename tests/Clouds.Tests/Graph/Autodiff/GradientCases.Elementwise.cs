using Clouds.Graph.Building;
using static Clouds.Tests.Graph.Autodiff.GradientCase;

namespace Clouds.Tests.Graph.Autodiff;

/// <content>Element-wise operators, every direction of broadcasting, inputs near poles.</content>
internal static partial class GradientCases
{
    private static IEnumerable<GradientCase> Elementwise() => [.. Unary(), .. Binary(), .. Broadcasts()];

    private static IEnumerable<GradientCase> Unary() =>
    [
        new("Identity", "plain", c => c.G.Emit("Identity", [c[0]], c[0].Type, c[0].Shape), U(2, 3)),
        new("Neg", "plain", c => c.G.Neg(c[0]), U(2, 3)),
        new("Abs", "both signs", c => c.G.Abs(c[0]), Distinct(3, 4)),
        new("Exp", "plain", c => c.G.Exp(c[0]), Range(-3, 3, 2, 5)),
        new("Log", "plain", c => c.G.Log(c[0]), Range(0.5, 3, 2, 5)),
        new("Log", "near the pole", c => c.G.Log(c[0]), Range(0.08, 0.1, 4)),
        new("Sqrt", "plain", c => c.G.Sqrt(c[0]), Range(0.5, 3, 2, 5)),
        new("Sqrt", "near zero", c => c.G.Sqrt(c[0]), Range(0.08, 0.1, 4)),
        new("Reciprocal", "both signs", c => c.G.Reciprocal(c[0]), Given([-2, -0.5f, 0.5f, 3], 4)),
        InSingle("Erf", "plain", c => c.G.Erf(c[0]), Range(-2, 2, 2, 5)) with { Step = 0.02 },
        new("Sin", "beyond a turn", c => c.G.Sin(c[0]), Range(-8, 8, 2, 5)),
        new("Cos", "beyond a turn", c => c.G.Cos(c[0]), Range(-8, 8, 2, 5)),
        new("Tanh", "plain", c => c.G.Tanh(c[0]), Range(-2, 2, 2, 5)),
        new("Sigmoid", "plain", c => c.G.Sigmoid(c[0]), Range(-4, 4, 2, 5)),
        new("Relu", "both signs", c => c.G.Relu(c[0]), Distinct(3, 4)),
        InSingle("Gelu", "plain", c => c.G.Gelu(c[0]), Range(-3, 3, 2, 5)) with { Step = 0.02 },
        InSingle("Gelu", "tails", c => c.G.Gelu(c[0]), Given([-9, -4, 4, 9], 4)) with { Step = 0.02 },
        InSingle("Mul", "SiLU", c => c.G.Silu(c[0]), Range(-4, 4, 2, 5)) with { Step = 0.02 },
        new("Cast", "there and back", c => c.G.Cast(c.G.Cast(c[0], ElementType.Double), ElementType.Float), U(2, 3)),
        new("Clip", "below, inside, above", c => c.G.Clip(c[0], -1, 1), Given([-2, -0.9f, 0, 0.9f, 2], 5)),
        new("Abs", "softplus", c => c.G.Softplus(c[0]), Given([-5, -2, -0.1f, 0.1f, 2, 5], 6)),
        new("Pow", "square", c => c.G.Pow(c[0], 2), Distinct(2, 4)),
        new("Pow", "cube root of a cube", c => c.G.Pow(c.G.Pow(c[0], 3), 1f / 3), Range(0.5, 2, 5)),
    ];

    private static IEnumerable<GradientCase> Binary() =>
    [
        new("Sub", "plain", c => c.G.Sub(c[0], c[1]), U(2, 3), U(2, 3)),
        new("Sub", "from a number", c => c.G.Sub(2f, c[0]), U(2, 3)),
        new("Div", "by small numbers", c => c.G.Div(c[0], c[1]), U(2, 4), Range(0.08, 0.1, 2, 4)),
        new("Div", "of a number", c => c.G.Div(2f, c[0]), Range(-2, -1, 2, 3)),
        new("Mul", "of one value with itself", c => c.G.Square(c[0]), U(2, 3)),
        new("Pow", "exponent wanted", c => c.G.Emit("Pow", [c[0], c[1]], ElementType.Float, [2, 3]), Range(0.5, 2, 2, 3), U(2, 3)),
        new("Pow", "exponent of more axes", c => c.G.Emit("Pow", [c[0], c[1]], ElementType.Float, [2, 3]), Range(0.5, 2, 3), U(2, 1)),
        new("Max", "no ties", c => c.G.Max(c[0], c[1]), Distinct(3, 4), Given([0.33f], 1)),
        new("Min", "no ties", c => c.G.Min(c[0], c[1]), Distinct(3, 4), Given([0.33f], 1)),
        new("Sum", "three terms", c => c.G.Emit("Sum", [c[0], c[1], c[2]], ElementType.Float, [2, 3]), U(2, 3), U(3), U(2, 1)),
        new("Where", "plain", c => c.G.Where(Truth(c, [true, false, true, false], 2, 2), c[0], c[1]), U(2, 2), U(2, 2)),
        new("Where", "all three broadcast", c => c.G.Where(Truth(c, [true, false, true], 3, 1), c[0], c[1]), U(2, 1, 4), U(4)),
    ];

    // Each pair in both orders and for each of the four operations whose rules differ.
    private static IEnumerable<GradientCase> Broadcasts()
    {
        (string Name, long[] A, long[] B)[] pairs =
        [
            ("equal", [2, 3], [2, 3]),
            ("scalar", [2, 3], []),
            ("rank 1", [2, 3, 4], [4]),
            ("rank 2", [2, 3, 4], [3, 1]),
            ("ones on both sides", [2, 1, 4], [1, 3, 1]),
            ("ones on both sides, ranks differ", [3, 1], [2, 1, 4]),
            ("all ones", [1, 1, 1], [2, 3, 1]),
        ];
        (string Op, Func<GraphBuilder, Value, Value, Value> Build)[] ops =
            [("Add", (g, a, b) => g.Add(a, b)), ("Sub", (g, a, b) => g.Sub(a, b)), ("Mul", (g, a, b) => g.Mul(a, b)), ("Div", (g, a, b) => g.Div(a, b))];
        foreach ((string op, Func<GraphBuilder, Value, Value, Value> build) in ops)
        {
            foreach ((string name, long[] a, long[] b) in pairs)
            {
                yield return new(op, $"{name}, larger first", c => build(c.G, c[0], c[1]), Range(1, 2, a), Range(1, 2, b));
                yield return new(op, $"{name}, larger second", c => build(c.G, c[0], c[1]), Range(1, 2, b), Range(1, 2, a));
            }
        }
    }

    private static Value Truth(CaseInputs c, bool[] values, params long[] sizes) =>
        c.G.Constant(new Literal(ElementType.Bool, sizes, Array.ConvertAll(values, value => (byte)(value ? 1 : 0))));
}
