using Clouds.Graph.Building;

namespace Clouds.Graph.Operators;

/// <summary>
/// clouds.GeluGrad and clouds.SiluGrad: dy, x of any shape -> dx. The functions themselves are standard operators; their slopes would be ten nodes, each of
/// which reads and writes every element.
/// </summary>
internal static class Activations
{
    private static readonly float InverseSqrt2 = (float)(1 / Math.Sqrt(2));
    private static readonly float InverseSqrt2Pi = (float)(1 / Math.Sqrt(2 * Math.PI));

    public static readonly CloudsOperator GeluGradient = new("GeluGrad", ["dy", "x"], ["dx"])
    {
        Lowering = f => f.Append("Mul", ["dy", GeluSlope(f, "x")], ["dx"]),
        Nodes = (g, _, inputs) => [g.Mul(inputs[0], GeluSlope(g, inputs[1]))],
    };

    public static readonly CloudsOperator SiluGradient = new("SiluGrad", ["dy", "x"], ["dx"])
    {
        Lowering = f => f.Append("Mul", ["dy", SiluSlope(f, "x")], ["dx"]),
        Nodes = (g, _, inputs) => [g.Mul(inputs[0], SiluSlope(g, inputs[1]))],
    };

    /// <summary>The gradient of x, by one of the operators above.</summary>
    public static Value EmitGradient(CloudsOperator gradient, GraphBuilder g, Value dy, Value x) =>
        gradient.Emit(g, [dy.Expect(x.Shape), x], [(x.Type, x.Shape)])[0];

    // d/dx x·Φ(x) = Φ(x) + x·φ(x)
    private static string GeluSlope(FunctionBuilder f, string x)
    {
        string cumulative = f.Mul(f.Add(f.Op("Erf", [f.Mul(x, f.Float(InverseSqrt2))]), f.Float(1)), f.Float(0.5f));
        string density = f.Mul(f.Op("Exp", [f.Mul(f.Mul(x, x), f.Float(-0.5f))]), f.Float(InverseSqrt2Pi));
        return f.Add(cumulative, f.Mul(x, density));
    }

    private static Value GeluSlope(GraphBuilder g, Value x)
    {
        Value cumulative = g.Mul(g.Add(g.Erf(g.Mul(x, InverseSqrt2)), 1f), 0.5f);
        Value density = g.Mul(g.Exp(g.Mul(g.Mul(x, x), -0.5f)), InverseSqrt2Pi);
        return g.Add(cumulative, g.Mul(x, density));
    }

    // d/dx x·s(x) = s(x) · (1 + x · (1 - s(x)))
    private static string SiluSlope(FunctionBuilder f, string x)
    {
        string sigmoid = f.Op("Sigmoid", [x]);
        return f.Mul(sigmoid, f.Add(f.Mul(x, f.Sub(f.Float(1), sigmoid)), f.Float(1)));
    }

    private static Value SiluSlope(GraphBuilder g, Value x)
    {
        Value sigmoid = g.Sigmoid(x);
        return g.Mul(sigmoid, g.Add(g.Mul(x, g.Sub(1f, sigmoid)), 1f));
    }
}
