using Clouds.Graph.Building;
using Clouds.Graph.Operators;

namespace Clouds.Graph.Autodiff;

/// <content>Matrix products and convolutions.</content>
internal static partial class GradientRules
{
    private static Dictionary<string, GradientRule> MatrixRules => new()
    {
        ["MatMul"] = Binary((g, c) => g.MatMul(c.Dy, SwapLast(g, c.X(1))), (g, c) => g.MatMul(SwapLast(g, c.X(0)), c.Dy)),
        ["Gemm"] = GemmRule,
        ["Conv"] = ConvRule,
        ["ConvTranspose"] = ConvTransposeRule,
    };

    private static Value SwapLast(GraphBuilder g, Value x)
    {
        int[] order = [.. Enumerable.Range(0, x.Shape.Rank)];
        (order[^1], order[^2]) = (order[^2], order[^1]);
        return g.Transpose(x, order);
    }

    private static Value?[] GemmRule(GradientContext c)
    {
        GraphBuilder g = c.G;
        bool ta = c.Node.Attribute("transA", 0L) == 1;
        bool tb = c.Node.Attribute("transB", 0L) == 1;
        return
        [
            c.For(0, () => ta ? g.Gemm(c.X(1), c.Dy, null, tb, true) : g.Gemm(c.Dy, c.X(1), null, false, !tb)),
            c.For(1, () => tb ? g.Gemm(c.Dy, c.X(0), null, true, ta) : g.Gemm(c.X(0), c.Dy, null, !ta, false)),
            c.For(2, () => BiasGradient(g, c.Dy, c.X(2).Shape)),
        ];
    }

    /// <summary>The sum of a matrix's rows: a row of ones times the matrix, since the runtime's sum over the first axis takes far longer.</summary>
    public static Value BiasGradient(GraphBuilder g, Value dy, Shape bias)
    {
        if (bias.Rank != 1 || bias[0] != dy.Shape[1] || !dy.Shape[0].IsStatic)
        {
            return g.SumTo(dy, bias);
        }

        long rows = dy.Shape[0].Size;
        return g.Reshape(g.MatMul(g.Constant([.. Enumerable.Repeat(1f, (int)rows)], 1, rows), dy), bias);
    }

    private static Value?[] ConvRule(GradientContext c)
    {
        ConvGeometry geometry = ConvGeometry.Of(c.Node);
        if (geometry is { Stride: 1, Dilation: 1 } && DepthwiseConv.Fits(c.X(0), c.X(1)) && c.Y.Shape.Equals(c.X(0).Shape))
        {
            return DepthwiseConv.Differentiate(c);
        }

        return
        [
            c.For(0, () => ConvInputGradient(c.G, c.Dy, c.X(1), c.X(0).Shape, geometry)),
            c.For(1, () => ConvWeightGradient(c.G, c.X(0), c.Dy, c.X(1).Shape, geometry)),
            c.For(2, () => SumToChannels(c.G, c.Dy)),
        ];
    }

    // A transposed convolution is the input gradient of a convolution, so its own gradients are that convolution and its weight gradient.
    private static Value?[] ConvTransposeRule(GradientContext c)
    {
        ConvGeometry geometry = ConvGeometry.Of(c.Node);
        return
        [
            c.For(0, () => c.G.Conv(c.Dy, c.X(1), null, geometry.Stride, geometry.Pad, geometry.Group, geometry.Dilation)),
            c.For(1, () => ConvWeightGradient(c.G, c.Dy, c.X(0), c.X(1).Shape, geometry)),
            c.For(2, () => SumToChannels(c.G, c.Dy)),
        ];
    }

    private static Value SumToChannels(GraphBuilder g, Value dy) =>
        g.ReduceSum(g.ReduceSum(g.Reshape(dy, [dy.Shape[0], dy.Shape[1], dy.Shape[2] * dy.Shape[3]]), 2, keep: false), 0, keep: false);

    // Stride 1: a convolution with the weight turned around, in two thirds of the transposed convolution's time (platform.md section 3).
    private static Value ConvInputGradient(GraphBuilder g, Value dy, Value weight, Shape x, ConvGeometry geometry)
    {
        long kernel = weight.Shape[2].Size;
        bool square = kernel == weight.Shape[3].Size;
        bool depthwise = geometry.Group == x[1].Size && weight.Shape[0] == x[1];
        if (square && geometry.Stride == 1 && geometry.Dilation == 1 && (geometry.Group == 1 || depthwise) && geometry.Pad < kernel)
        {
            Value turned = g.Flip(g.Flip(weight, 2), 3);
            return g.Conv(dy, depthwise ? turned : g.Transpose(turned, 1, 0, 2, 3), null, 1, kernel - 1 - geometry.Pad, geometry.Group);
        }

        long Rest(int axis) => (x[axis].Size + (2 * geometry.Pad) - (geometry.Dilation * (weight.Shape[axis].Size - 1)) - 1) % geometry.Stride;
        return g.ConvTranspose(dy, weight, null, geometry.Stride, geometry.Pad, geometry.Group, Rest(2), Rest(3), geometry.Dilation);
    }

    private static Value ConvWeightGradient(GraphBuilder g, Value x, Value dy, Shape weight, ConvGeometry geometry)
    {
        if (geometry.Group == 1)
        {
            return DenseWeightGradient(g, x, dy, weight, geometry);
        }

        return geometry.Group == x.Shape[1].Size && weight[0] == x.Shape[1]
            ? DepthwiseWeightGradient(g, x, dy, weight, geometry)
            : GroupedWeightGradient(g, x, dy, weight, geometry);
    }

    private static Value DenseWeightGradient(GraphBuilder g, Value x, Value dy, Shape weight, ConvGeometry geometry) =>
        geometry is { Stride: 1, Pad: 1, Dilation: 1 } && ConvWeight.Fits(dy, x, weight)
            ? ConvWeight.EmitGradient(g, dy, x)
            : WeightGradientByColumns(g, x, dy, weight, geometry);

    // Every kernel position is one strided view of x; all views one behind the other times dy, one matrix product an image.
    private static Value WeightGradientByColumns(GraphBuilder g, Value x, Value dy, Shape weight, ConvGeometry geometry)
    {
        (Dim n, Dim outputs, Dim inputs) = (x.Shape[0], weight[0], weight[1]);
        Dim pixels = dy.Shape[2] * dy.Shape[3];
        Value padded = g.Pad(x, [0, 0, geometry.Pad, geometry.Pad], [0, 0, geometry.Pad, geometry.Pad]);
        List<Value> views = [];
        for (long ky = 0; ky < weight[2].Size; ky++)
        {
            for (long kx = 0; kx < weight[3].Size; kx++)
            {
                views.Add(g.Reshape(View(g, padded, dy.Shape, ky, kx, geometry), [n, inputs, pixels]));
            }
        }

        Value columns = g.Concat(1, [.. views]);                                                              // [N, kH·kW·I, P]
        Value product = g.MatMul(g.Reshape(dy, [n, outputs, pixels]), g.Transpose(columns, 0, 2, 1));         // [N, O, kH·kW·I]
        Value summed = n == 1 ? g.Squeeze(product, 0) : g.ReduceSum(product, 0, keep: false);
        return g.Transpose(g.Reshape(summed, [outputs, weight[2], weight[3], inputs]), 0, 3, 1, 2);           // [O, I, kH, kW]
    }

    private static Value View(GraphBuilder g, Value padded, Shape dy, long ky, long kx, ConvGeometry geometry)
    {
        long fromY = ky * geometry.Dilation;
        long fromX = kx * geometry.Dilation;
        long toY = fromY + ((dy[2].Size - 1) * geometry.Stride) + 1;
        long toX = fromX + ((dy[3].Size - 1) * geometry.Stride) + 1;
        Value rows = toY - fromY == padded.Shape[2].Size && geometry.Stride == 1 ? padded : g.Slice(padded, 2, fromY, toY, geometry.Stride);
        return toX - fromX == padded.Shape[3].Size && geometry.Stride == 1 ? rows : g.Slice(rows, 3, fromX, toX, geometry.Stride);
    }

    // x correlated with dy, channel by channel: a convolution in which dy is the kernel and the stride has become the dilation.
    private static Value DepthwiseWeightGradient(GraphBuilder g, Value x, Value dy, Shape weight, ConvGeometry geometry)
    {
        Dim planes = x.Shape[0] * x.Shape[1];
        Value signal = g.Reshape(x, [1, planes, x.Shape[2], x.Shape[3]]);
        Value kernel = g.Reshape(dy, [planes, 1, dy.Shape[2], dy.Shape[3]]);
        Value correlation = g.Conv(signal, kernel, null, geometry.Dilation, geometry.Pad, planes.Size, geometry.Stride);
        Value cut = g.Slice(g.Slice(correlation, 2, 0, weight[2].Size), 3, 0, weight[3].Size);
        return g.ReduceSum(g.Reshape(cut, [x.Shape[0], x.Shape[1], 1, weight[2], weight[3]]), 0, keep: false);
    }

    private static Value GroupedWeightGradient(GraphBuilder g, Value x, Value dy, Shape weight, ConvGeometry geometry)
    {
        long groups = geometry.Group;
        Dim[] Parts(Dim channels) => [.. Enumerable.Repeat(channels / groups, (int)groups)];
        Shape part = weight.With(0, weight[0] / groups);
        IEnumerable<Value> gradients = g.Split(x, 1, Parts(x.Shape[1]))
            .Zip(g.Split(dy, 1, Parts(dy.Shape[1])), (xi, di) => DenseWeightGradient(g, xi, di, part, geometry with { Group = 1 }));
        return g.Concat(0, [.. gradients]);
    }

    private sealed record ConvGeometry(long Stride, long Pad, long Group, long Dilation)
    {
        public static ConvGeometry Of(Node node) =>
            new(node.Attribute<long[]>("strides")[0], node.Attribute<long[]>("pads")[0], node.Attribute<long>("group"), node.Attribute<long[]>("dilations")[0]);
    }
}
