using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;

namespace Clouds.Graph.Operators;

/// <summary>
/// clouds.GroupNorm: x [N, C, H, W], scale [C], shift [C]; groups, epsilon -> y, normalised over the C/groups channels of a group and all pixels. Its
/// gradient is an operator too, which serves the standard's GroupNormalization as well.
/// </summary>
internal static class GroupNorm
{
    public static readonly CloudsOperator Operator = new("GroupNorm", ["x", "scale", "shift"], ["y"], "groups", "epsilon")
    {
        Gradient = c => Differentiate(c, "groups"),
        Lowering = Lower,
    };

    public static readonly CloudsOperator GradientOperator = new("GroupNormGrad", ["dy", "x", "scale"], ["dx", "dscale", "dshift"], "groups", "epsilon")
    {
        Lowering = LowerGradient,
    };

    public static Value Emit(GraphBuilder g, Value x, Value scale, Value shift, long groups, float epsilon)
    {
        Check(x, scale, shift, groups);
        return Operator.Emit(g, [x, scale, shift], [(x.Type, x.Shape)], ("groups", groups), ("epsilon", epsilon))[0];
    }

    /// <summary>Gradients of x, scale and shift.</summary>
    public static IReadOnlyList<Value> EmitGradient(GraphBuilder g, Value dy, Value x, Value scale, long groups, float epsilon) =>
        GradientOperator.Emit(
            g, [dy, x, scale], [(x.Type, x.Shape), (x.Type, scale.Shape), (x.Type, scale.Shape)], ("groups", groups), ("epsilon", epsilon));

    /// <summary>The rule of this operator and of the standard's; they differ in the name of the number of groups.</summary>
    public static Value?[] Differentiate(GradientContext c, string groups) => c.Wanting(
        EmitGradient(c.G, c.Dy, c.X(0), c.X(1), c.Node.Attribute<long>(groups), c.Node.Attribute<float>("epsilon")));

    /// <exception cref="ArgumentException">The shapes do not belong together.</exception>
    public static void Check(Value x, Value scale, Value shift, long groups)
    {
        GraphBuilder.RequirePerChannel("group normalisation", x, 1, scale, shift);
        GraphBuilder.Require(x.Shape.Rank == 4 && groups > 0 && x.Shape[1].Size % groups == 0, $"group normalisation of {x} in {groups} groups");
    }

    // Instances of one channel a group, as other programs write it too. The standard's GroupNormalization would be shorter, but ONNX Runtime takes it apart
    // into a difference of squares, which is below 0 where a group is nearly constant; this one takes the mean first.
    private static void Lower(FunctionBuilder f)
    {
        string groups = f.Reshape(f.FromAttribute("groups", "value_int", AttributeProto.Types.AttributeType.Int), f.Ints(1));
        string grouped = f.Reshape("x", f.Concat(f.Extents("x", 0), groups, f.Ints(-1)));                       // [N, G, C/G·H·W]
        (string ones, string zeros) = (f.Op("Expand", [f.Float(1), groups]), f.Op("Expand", [f.Float(0), groups]));
        string normal = f.Op("InstanceNormalization", [grouped, ones, zeros]);
        f.Refer("epsilon", "epsilon", AttributeProto.Types.AttributeType.Float);
        string Spread(string vector) => f.Op("Unsqueeze", [vector, f.Ints(1, 2)]);                             // [C, 1, 1]
        string scaled = f.Mul(f.Reshape(normal, f.Op("Shape", ["x"])), Spread("scale"));
        f.Append("Add", [scaled, Spread("shift")], ["y"]);
    }

    // x is seen as [N, G, C/G, H·W]; a group's statistics run over the last two axes, one after the other to keep digits.
    private static void LowerGradient(FunctionBuilder f)
    {
        string groups = f.Reshape(f.FromAttribute("groups", "value_int", AttributeProto.Types.AttributeType.Int), f.Ints(1));
        string grouped = f.Concat(f.Extents("x", 0), groups, f.Div(f.Extents("x", 1), groups), f.Ints(-1));
        string x = f.Reshape("x", grouped);
        string dy = f.Reshape("dy", grouped);
        string centred = f.Sub(x, GroupMean(f, x));
        string epsilon = f.FromAttribute("epsilon", "value_float", AttributeProto.Types.AttributeType.Float);
        string inverseDeviation = f.Op("Reciprocal", [f.Op("Sqrt", [f.Add(GroupMean(f, f.Mul(centred, centred)), epsilon)])]);
        string normal = f.Mul(centred, inverseDeviation);

        string d = f.Mul(dy, f.Reshape("scale", f.Concat(f.Ints(1), groups, f.Ints(-1, 1))));
        string inner = f.Sub(f.Sub(d, GroupMean(f, d)), f.Mul(normal, GroupMean(f, f.Mul(d, normal))));
        f.Append("Reshape", [f.Mul(inner, inverseDeviation), f.Op("Shape", ["x"])], ["dx"]);
        f.Append("Reshape", [SumOverImages(f, f.Mul(dy, normal)), f.Ints(-1)], ["dscale"]);
        f.Append("Reshape", [SumOverImages(f, dy), f.Ints(-1)], ["dshift"]);
    }

    private static string GroupMean(FunctionBuilder f, string x) => f.Op("ReduceMean", [f.Op("ReduceMean", [x, f.Ints(3)]), f.Ints(2)]);

    private static string SumOverImages(FunctionBuilder f, string x) => f.ReduceSum(f.ReduceSum(x, [3], keep: true), [0], keep: true);
}
