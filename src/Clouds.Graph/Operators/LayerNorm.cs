using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;

namespace Clouds.Graph.Operators;

/// <summary>clouds.LayerNorm: x [..., D], scale [D], shift [D]; epsilon -> y, normalised over the last axis. Its gradient is an operator too.</summary>
internal static class LayerNorm
{
    public static readonly CloudsOperator Operator = new("LayerNorm", ["x", "scale", "shift"], ["y"], "epsilon")
    {
        Gradient = Differentiate,
        Lowering = Lower,
    };

    public static readonly CloudsOperator GradientOperator = new("LayerNormGrad", ["dy", "x", "scale"], ["dx", "dscale", "dshift"], "epsilon")
    {
        Lowering = LowerGradient,
    };

    public static Value Emit(GraphBuilder g, Value x, Value scale, Value shift, float epsilon)
    {
        GraphBuilder.RequirePerChannel("layer normalisation", x, -1, scale, shift);
        return Operator.Emit(g, [x, scale, shift], [(x.Type, x.Shape)], ("epsilon", epsilon))[0];
    }

    /// <summary>Gradients of x, scale and shift.</summary>
    public static IReadOnlyList<Value> EmitGradient(GraphBuilder g, Value dy, Value x, Value scale, float epsilon) =>
        GradientOperator.Emit(g, [dy, x, scale], [(x.Type, x.Shape), (x.Type, scale.Shape), (x.Type, scale.Shape)], ("epsilon", epsilon));

    private static Value?[] Differentiate(GradientContext c) => c.Wanting(EmitGradient(c.G, c.Dy, c.X(0), c.X(1), c.Node.Attribute<float>("epsilon")));

    // The standard has the operator, and a runtime its own kernel for it.
    private static void Lower(FunctionBuilder f)
    {
        f.Append("LayerNormalization", ["x", "scale", "shift"], ["y"], ("axis", -1L));
        f.Refer("epsilon", "epsilon", AttributeProto.Types.AttributeType.Float);
    }

    private static void LowerGradient(FunctionBuilder f)
    {
        (string normal, string inverseDeviation) = Standardise(f);
        string d = f.Mul("dy", "scale");
        string inner = f.Sub(f.Sub(d, f.ReduceMeanLast(d)), f.Mul(normal, f.ReduceMeanLast(f.Mul(d, normal))));
        f.Return(f.Mul(inner, inverseDeviation), "dx");
        f.Return(SumRows(f, f.Mul("dy", normal)), "dscale");
        f.Return(SumRows(f, "dy"), "dshift");
    }

    private static (string Normal, string InverseDeviation) Standardise(FunctionBuilder f)
    {
        string centred = f.Sub("x", f.ReduceMeanLast("x"));
        string variance = f.ReduceMeanLast(f.Mul(centred, centred));
        string epsilon = f.FromAttribute("epsilon", "value_float", AttributeProto.Types.AttributeType.Float);
        string inverseDeviation = f.Op("Reciprocal", [f.Op("Sqrt", [f.Add(variance, epsilon)])]);
        return (f.Mul(centred, inverseDeviation), inverseDeviation);
    }

    private static string SumRows(FunctionBuilder f, string x) =>
        f.ReduceSum(f.Reshape(x, f.Concat(f.Ints(-1), f.Extents(x, -1))), [0], keep: false);
}
