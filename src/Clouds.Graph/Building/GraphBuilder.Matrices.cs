namespace Clouds.Graph.Building;

/// <content>Matrix products and convolutions.</content>
public sealed partial class GraphBuilder
{
    /// <summary>Matrix product over the last two axes; leading axes broadcast.</summary>
    public Value MatMul(Value a, Value b)
    {
        Require(a.Shape.Rank >= 2 && b.Shape.Rank >= 2 && a.Shape[-1] == b.Shape[-2], $"matrix product of {a} and {b}");
        SameType("MatMul", a, b);

        Shape batch = Shape.Broadcast([.. a.Shape.SkipLast(2)], [.. b.Shape.SkipLast(2)]);
        return Emit("MatMul", [a, b], a.Type, [.. batch, a.Shape[-2], b.Shape[-1]]);
    }

    /// <summary>op(a) · op(b) + c for matrices; c (may be null) broadcasts.</summary>
    public Value Gemm(Value a, Value b, Value? c = null, bool transA = false, bool transB = false)
    {
        Require(a.Shape.Rank == 2 && b.Shape.Rank == 2, $"Gemm wants matrices, not {a} and {b}");
        (Dim rows, Dim inner) = transA ? (a.Shape[1], a.Shape[0]) : (a.Shape[0], a.Shape[1]);
        (Dim innerB, Dim columns) = transB ? (b.Shape[1], b.Shape[0]) : (b.Shape[0], b.Shape[1]);
        Require(inner == innerB, $"Gemm of {a} and {b}, transA {transA}, transB {transB}");
        SameType("Gemm", a, b);
        Shape shape = [rows, columns];
        Require(c is null || c.Shape.BroadcastsTo(shape), $"Gemm cannot add {c} to {shape}");
        Value?[] inputs = c is null ? [a, b] : [a, b, c];
        return Emit("Gemm", inputs, a.Type, shape, ("transA", transA ? 1L : 0L), ("transB", transB ? 1L : 0L));
    }

    /// <summary>x · weightᵀ + bias over the last axis of x: torch.nn.Linear. x [..., in], weight [out, in], bias [out] or null.</summary>
    public Value Linear(Value x, Value weight, Value? bias)
    {
        Require(weight.Shape.Rank == 2 && x.Shape[-1] == weight.Shape[1], $"linear layer of {x} with {weight}");
        Shape leading = [.. x.Shape.SkipLast(1)];
        if (leading.Count(dim => !dim.IsStatic) > 1)
        {
            // A reshape can leave one extent open only, so the rows cannot be gathered and spread again.
            Value product = MatMul(x, Transpose(weight, 1, 0));
            return bias is null ? product : Add(product, bias);
        }

        Dim rows = leading.Aggregate((Dim)1, (product, dim) => product * dim);
        Value flat = Reshape(x, [rows, x.Shape[-1]]);
        Value y = bias is not null && Operators.Linear.Pays(flat, weight)
            ? Operators.Linear.Emit(this, flat, weight, bias)
            : Gemm(flat, weight, bias, transB: true);
        return Reshape(y, [.. leading, weight.Shape[0]]);
    }

    /// <summary>Linear layer with parameters "{name}.weight" [out, in] and "{name}.bias" [out].</summary>
    public Value Linear(Value x, string name, long outputs, Initializer? weight = null, Initializer? bias = null, bool useBias = true)
    {
        long inputs = x.Shape[-1].Size;
        Value w = Parameter($"{name}.weight", [outputs, inputs], weight ?? Building.Initialize.FrameworkWeight);
        Value? b = useBias ? Parameter($"{name}.bias", [outputs], bias ?? Building.Initialize.FrameworkBias(inputs)) : null;
        return Linear(x, w, b);
    }

    /// <summary>2-D convolution, torch.nn.Conv2d. x [N, C, H, W], weight [O, C/group, kH, kW], bias [O] or null; padding alike on both sides.</summary>
    public Value Conv(Value x, Value weight, Value? bias, long stride = 1, long pad = 0, long group = 1, long dilation = 1)
    {
        RequireConv(x, weight, bias, weight.Shape[0], group);
        Require(x.Shape[1] == weight.Shape[1] * group && weight.Shape[0].Size % group == 0, $"convolution of {x} with {weight}, group {group}");
        Dim Side(int axis) => Extent(((x.Shape[axis] + (2 * pad) - ((dilation * (weight.Shape[axis].Size - 1)) + 1)) / stride) + 1, "Conv", x);
        Value?[] inputs = bias is null ? [x, weight] : [x, weight, bias];
        return Emit("Conv", inputs, x.Type, [x.Shape[0], weight.Shape[0], Side(2), Side(3)], ConvAttributes(weight, stride, pad, group, dilation));
    }

    /// <summary>2-D convolution with parameters "{name}.weight" and "{name}.bias".</summary>
    public Value Conv(Value x, string name, long outputs, long kernel, long stride = 1, long pad = 0,
        long group = 1, bool useBias = true, Initializer? weight = null, Initializer? bias = null)
    {
        long inputs = x.Shape[1].Size / group;
        Value w = Parameter($"{name}.weight", [outputs, inputs, kernel, kernel], weight ?? Building.Initialize.FrameworkWeight);
        Value? b = useBias ? Parameter($"{name}.bias", [outputs], bias ?? Building.Initialize.FrameworkBias(inputs * kernel * kernel)) : null;
        return Conv(x, w, b, stride, pad, group);
    }

    /// <summary>2-D transposed convolution, torch.nn.ConvTranspose2d. x [N, C, H, W], weight [C, O/group, kH, kW].</summary>
    public Value ConvTranspose(
        Value x, Value weight, Value? bias, long stride = 1, long pad = 0, long group = 1, long outputPadHeight = 0, long outputPadWidth = 0, long dilation = 1)
    {
        RequireConv(x, weight, bias, weight.Shape[1] * group, group);
        Require(x.Shape[1] == weight.Shape[0], $"transposed convolution of {x} with {weight}");
        Dim Side(int axis, long outputPad) =>
            Extent(((x.Shape[axis] - 1) * stride) - (2 * pad) + (dilation * (weight.Shape[axis].Size - 1)) + 1 + outputPad, "ConvTranspose", x);
        Value?[] inputs = bias is null ? [x, weight] : [x, weight, bias];
        Shape shape = [x.Shape[0], weight.Shape[1] * group, Side(2, outputPadHeight), Side(3, outputPadWidth)];
        return Emit("ConvTranspose", inputs, x.Type, shape,
            [.. ConvAttributes(weight, stride, pad, group, dilation), ("output_padding", new[] { outputPadHeight, outputPadWidth })]);
    }

    private static void RequireConv(Value x, Value weight, Value? bias, Dim outputs, long group)
    {
        Require(x.Shape.Rank == 4 && weight.Shape.Rank == 4, $"a convolution wants four axes, not {x} and {weight}");
        Require(group > 0 && weight.Shape[0].Size % group == 0, $"{weight} does not split into {group} groups");
        Require(bias is null || bias.Shape.Equals([outputs]), $"bias {bias} of a convolution with {outputs} outputs");
    }

    private static (string Name, object Value)[] ConvAttributes(Value weight, long stride, long pad, long group, long dilation) =>
    [
        ("kernel_shape", new[] { weight.Shape[2].Size, weight.Shape[3].Size }),
        ("strides", new[] { stride, stride }),
        ("pads", new[] { pad, pad, pad, pad }),
        ("group", group),
        ("dilations", new[] { dilation, dilation }),
    ];
}
