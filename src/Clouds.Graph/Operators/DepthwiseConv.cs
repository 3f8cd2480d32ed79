using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;

namespace Clouds.Graph.Operators;

/// <summary>
/// clouds.DepthwiseConv: x [N, C, H, W], weight [C, 1, k, k], bias [C] -> y [N, C, H, W], a convolution of each channel by itself, stride 1, padded by
/// k / 2, k odd. Its gradient is an operator too, which serves the standard's Conv as well.
/// </summary>
internal static class DepthwiseConv
{
    private static readonly string[] Geometry = ["kernel_shape", "pads", "group"];

    public static readonly CloudsOperator Operator = new("DepthwiseConv", ["x", "weight", "bias"], ["y"], Geometry)
    {
        Gradient = Differentiate,
        Lowering = f =>
        {
            f.Append("Conv", ["x", "weight", "bias"], ["y"]);
            Refer(f, "group");
        },
        Nodes = (g, _, inputs) => [g.Conv(inputs[0], inputs[1], inputs[2], pad: inputs[1].Shape[2].Size / 2, group: inputs[0].Shape[1].Size)],
    };

    public static readonly CloudsOperator GradientOperator =
        new("DepthwiseConvGrad", ["dy", "x", "weight"], ["dx", "dweight", "dbias"], [.. Geometry, "planes"])
        { Lowering = LowerGradient, Nodes = (g, _, inputs) => Gradient(g, inputs[0], inputs[1], inputs[2]) };

    public static Value Emit(GraphBuilder g, Value x, Value weight, Value bias)
    {
        GraphBuilder.Require(Fits(x, weight) && bias.Shape.Equals([x.Shape[1]]), $"depthwise convolution of {x} with {weight} and {bias}");
        return Operator.Emit(g, [x, weight, bias], [(x.Type, x.Shape)], Attributes(weight))[0];
    }

    /// <summary>Gradients of x, weight and bias.</summary>
    public static IReadOnlyList<Value> EmitGradient(GraphBuilder g, Value dy, Value x, Value weight) => GradientOperator.Emit(
        g, [dy.Expect(x.Shape), x, weight], [(x.Type, x.Shape), (x.Type, weight.Shape), (x.Type, [x.Shape[1]])],
        [.. Attributes(weight), ("planes", x.Shape[0].Size * x.Shape[1].Size)]);

    /// <summary>The rule of this operator and of the standard's, whose bias may be absent.</summary>
    public static Value?[] Differentiate(GradientContext c) =>
        c.Wanting([.. EmitGradient(c.G, c.Dy, c.X(0), c.X(1)).Take(c.Node.Inputs.Count)]);

    /// <summary>Whether the operator computes a convolution of x with the weight, of stride and dilation 1, padded by half the kernel.</summary>
    public static bool Fits(Value x, Value weight) => x.Type == ElementType.Float && x.Shape.Rank == 4 && x.Shape.IsStatic
        && weight.Shape.Equals([x.Shape[1], 1, weight.Shape[2], weight.Shape[2]]) && weight.Shape[2].Size is > 0 and < 32 && weight.Shape[2].Size % 2 == 1;

    private static (string Name, object Value)[] Attributes(Value weight)
    {
        (long kernel, long channels) = (weight.Shape[2].Size, weight.Shape[0].Size);
        return [("kernel_shape", new[] { kernel, kernel }), ("pads", new[] { kernel / 2, kernel / 2, kernel / 2, kernel / 2 }), ("group", channels)];
    }

    private static IReadOnlyList<Value> Gradient(GraphBuilder g, Value dy, Value x, Value weight)
    {
        (long pad, Dim planes) = (weight.Shape[2].Size / 2, x.Shape[0] * x.Shape[1]);
        Value turned = g.Emit("Slice",
            [weight, g.Integers(-1, -1), g.Integers(long.MinValue, long.MinValue), g.Integers(2, 3), g.Integers(-1, -1)], weight.Type, weight.Shape);
        Value signal = g.Reshape(x, [1, planes, x.Shape[2], x.Shape[3]]);
        Value correlation = g.Conv(signal, g.Reshape(dy, [planes, 1, x.Shape[2], x.Shape[3]]), null, pad: pad, group: planes.Size);
        Value each = g.Reshape(correlation, [x.Shape[0], x.Shape[1], 1, weight.Shape[2], weight.Shape[3]]);
        Value bias = g.ReduceSum(g.ReduceSum(g.ReduceSum(dy, 3, keep: false), 2, keep: false), 0, keep: false);
        return [g.Conv(dy, turned, null, pad: pad, group: x.Shape[1].Size), g.ReduceSum(each, 0, keep: false), bias];
    }

    // For any extents: the gradient of x is a convolution with the weight turned around, that of the weight one of all planes at once, dy being the kernel.
    private static void LowerGradient(FunctionBuilder f)
    {
        string turned = f.Op("Slice", ["weight", f.Ints(-1, -1), f.Ints(long.MinValue, long.MinValue), f.Ints(2, 3), f.Ints(-1, -1)]);
        f.Append("Conv", ["dy", turned], ["dx"]);
        Refer(f, "group");

        string planes = f.Reshape(f.FromAttribute("planes", "value_int", AttributeProto.Types.AttributeType.Int), f.Ints(1));
        string signal = f.Reshape("x", f.Concat(f.Ints(1), planes, f.Extents("x", 2, 3)));
        string kernel = f.Reshape("dy", f.Concat(planes, f.Ints(1), f.Extents("dy", 2, 3)));
        string correlation = f.Op("Conv", [signal, kernel]);
        f.Refer("pads", "pads", AttributeProto.Types.AttributeType.Ints);
        f.Refer("group", "planes", AttributeProto.Types.AttributeType.Int);
        string each = f.Reshape(correlation, f.Concat(f.Extents("x", 0), f.Op("Shape", ["weight"])));
        f.Append("ReduceSum", [each, f.Ints(0)], ["dweight"], ("keepdims", 0L));
        f.Append("ReduceSum", [f.ReduceSum(f.ReduceSum("dy", [3], keep: false), [2], keep: false), f.Ints(0)], ["dbias"], ("keepdims", 0L));
    }

    private static void Refer(FunctionBuilder f, string group)
    {
        f.Refer("kernel_shape", "kernel_shape", AttributeProto.Types.AttributeType.Ints);
        f.Refer("pads", "pads", AttributeProto.Types.AttributeType.Ints);
        f.Refer("group", group, AttributeProto.Types.AttributeType.Int);
    }
}
