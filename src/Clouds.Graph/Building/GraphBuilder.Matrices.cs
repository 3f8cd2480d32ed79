namespace Clouds.Graph.Building;

/// <content>Matrix products and convolutions.</content>
public sealed partial class GraphBuilder
{
    /// <summary>Matrix product over the last two axes; leading axes broadcast.</summary>
    public Value MatMul(Value a, Value b)
    {
        if (a.Shape[-1] != b.Shape[-2])
        {
            throw new ArgumentException($"matrix product of {a} and {b}");
        }

        Shape batch = Shape.Broadcast([.. a.Shape.SkipLast(2)], [.. b.Shape.SkipLast(2)]);
        return Emit("MatMul", [a, b], a.Type, [.. batch, a.Shape[-2], b.Shape[-1]]);
    }

    /// <summary>op(a) · op(b) + c for matrices; c (may be null) broadcasts.</summary>
    public Value Gemm(Value a, Value b, Value? c = null, bool transA = false, bool transB = false)
    {
        (Dim rows, Dim inner) = transA ? (a.Shape[1], a.Shape[0]) : (a.Shape[0], a.Shape[1]);
        (Dim innerB, Dim columns) = transB ? (b.Shape[1], b.Shape[0]) : (b.Shape[0], b.Shape[1]);
        if (inner != innerB)
        {
            throw new ArgumentException($"Gemm of {a} and {b}, transA {transA}, transB {transB}");
        }

        Value?[] inputs = c is null ? [a, b] : [a, b, c];
        return Emit("Gemm", inputs, a.Type, [rows, columns], ("transA", transA ? 1L : 0L), ("transB", transB ? 1L : 0L));
    }

    /// <summary>x · weightᵀ + bias over the last axis of x: torch.nn.Linear. x [..., in], weight [out, in], bias [out] or null.</summary>
    public Value Linear(Value x, Value weight, Value? bias)
    {
        Shape leading = [.. x.Shape.SkipLast(1)];
        Dim rows = leading.Aggregate((Dim)1, (product, dim) => product * dim);
        Value flat = Gemm(Reshape(x, [rows, x.Shape[-1]]), weight, bias, transB: true);
        return Reshape(flat, [.. leading, weight.Shape[0]]);
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
        Dim Extent(int axis) => ((x.Shape[axis] + (2 * pad) - ((dilation * (weight.Shape[axis].Size - 1)) + 1)) / stride) + 1;
        if (x.Shape[1] != weight.Shape[1] * group)
        {
            throw new ArgumentException($"convolution of {x} with {weight}, group {group}");
        }

        Value?[] inputs = bias is null ? [x, weight] : [x, weight, bias];
        return Emit("Conv", inputs, x.Type, [x.Shape[0], weight.Shape[0], Extent(2), Extent(3)], ConvAttributes(weight, stride, pad, group, dilation));
    }

    /// <summary>2-D convolution with parameters "{name}.weight" and "{name}.bias".</summary>
    public Value Conv(Value x, string name, long outputs, long kernel, long stride = 1, long pad = 0, long group = 1, bool useBias = true, Initializer? weight = null, Initializer? bias = null)
    {
        long inputs = x.Shape[1].Size / group;
        Value w = Parameter($"{name}.weight", [outputs, inputs, kernel, kernel], weight ?? Building.Initialize.FrameworkWeight);
        Value? b = useBias ? Parameter($"{name}.bias", [outputs], bias ?? Building.Initialize.FrameworkBias(inputs * kernel * kernel)) : null;
        return Conv(x, w, b, stride, pad, group);
    }

    /// <summary>2-D transposed convolution, torch.nn.ConvTranspose2d. x [N, C, H, W], weight [C, O/group, kH, kW].</summary>
    public Value ConvTranspose(Value x, Value weight, Value? bias, long stride = 1, long pad = 0, long group = 1, long outputPadHeight = 0, long outputPadWidth = 0)
    {
        Dim Extent(int axis, long outputPad) => ((x.Shape[axis] - 1) * stride) - (2 * pad) + weight.Shape[axis] + outputPad;
        Value?[] inputs = bias is null ? [x, weight] : [x, weight, bias];
        Shape shape = [x.Shape[0], weight.Shape[1] * group, Extent(2, outputPadHeight), Extent(3, outputPadWidth)];
        return Emit("ConvTranspose", inputs, x.Type, shape, [.. ConvAttributes(weight, stride, pad, group, 1), ("output_padding", new[] { outputPadHeight, outputPadWidth })]);
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
