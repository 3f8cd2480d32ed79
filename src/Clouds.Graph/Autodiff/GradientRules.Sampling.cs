using Clouds.Graph.Building;

namespace Clouds.Graph.Autodiff;

/// <content>Pooling, resizing, grid sampling.</content>
internal static partial class GradientRules
{
    private static Dictionary<string, GradientRule> SamplingRules => new()
    {
        ["Resize"] = Unary(ResizeGradient),
        ["AveragePool"] = Unary(AveragePoolGradient),
        ["MaxPool"] = Unary(MaxPoolGradient),
        ["GridSample"] = GridSampleRule,
    };

    // A resize is rowMatrix · x · columnMatrixᵀ, so its gradient is rowMatrixᵀ · dy · columnMatrix.
    private static Value ResizeGradient(GraphBuilder g, GradientContext c)
    {
        bool linear = c.Node.Attribute<string>("mode") == "linear";
        Value Weights(int axis)
        {
            (long from, long to) = (c.X(0).Shape[axis].Size, c.Y.Shape[axis].Size);
            return g.Constant(linear ? BilinearWeights(from, to) : NearestWeights(from, to), to, from);
        }

        return g.MatMul(g.MatMul(g.Transpose(Weights(2), 1, 0), c.Dy), Weights(3));
    }

    private static float[] BilinearWeights(long from, long to)
    {
        float[] weights = new float[to * from];
        for (long i = 0; i < to; i++)
        {
            double position = Math.Clamp(((i + 0.5) * from / to) - 0.5, 0, from - 1);
            long low = (long)position;
            long high = Math.Min(low + 1, from - 1);
            weights[(i * from) + low] += (float)(1 - (position - low));
            weights[(i * from) + high] += (float)(position - low);
        }

        return weights;
    }

    private static float[] NearestWeights(long from, long to)
    {
        float[] weights = new float[to * from];
        for (long i = 0; i < to; i++)
        {
            weights[(i * from) + (i * from / to)] = 1;
        }

        return weights;
    }

    private static Value AveragePoolGradient(GraphBuilder g, GradientContext c)
    {
        (long kernel, long stride, long pad) = Window(c.Node);
        Shape x = c.X(0).Shape;
        float[] even = [.. Enumerable.Repeat(1f / (kernel * kernel), (int)(x[1].Size * kernel * kernel))];
        long Rest(int axis) => (x[axis].Size + (2 * pad) - kernel) % stride;
        return g.ConvTranspose(c.Dy, g.Constant(even, x[1].Size, 1, kernel, kernel), null, stride, pad, x[1].Size, Rest(2), Rest(3));
    }

    // The operator's second output says where each maximum stood in the whole tensor.
    private static Value MaxPoolGradient(GraphBuilder g, GradientContext c)
    {
        Shape flat = [c.Y.Shape.ElementCount];
        Value sum = g.ScatterAdd(g.Reshape(c.Dy, flat), g.Reshape(c.Node.Outputs[1], flat), c.X(0).Shape.ElementCount);
        return g.Reshape(sum, c.X(0).Shape);
    }

    private static (long Kernel, long Stride, long Pad) Window(Node node) =>
        (node.Attribute<long[]>("kernel_shape")[0], node.Attribute<long[]>("strides")[0], node.Attribute<long[]>("pads")[0]);

    private static Value?[] GridSampleRule(GradientContext c)
    {
        GraphBuilder g = c.G;
        (Value x, Value grid) = (c.X(0), c.X(1));
        Dim samples = grid.Shape[1] * grid.Shape[2];
        Value points = g.Mul(g.Add(g.Reshape(grid, [grid.Shape[0], samples, 2]), 1f), 0.5f);   // [N, S, 2] in 0..1
        Value dy = g.Reshape(c.Dy, [x.Shape[0], x.Shape[1], samples]);                          // [N, C, S]
        return
        [
            c.For(0, () => g.PointSampleGrad(dy, points, x.Shape[2].Size, x.Shape[3].Size)),
            c.For(1, () => g.Reshape(g.Mul(PointGradient(g, x, points, dy), 0.5f), grid.Shape)),
        ];
    }

    /// <summary>
    /// Gradient of bilinear samples with respect to the points, [N, S, 2]: differences of the four neighbouring pixels, which are read by
    /// sampling at the pixel centres.
    /// </summary>
    private static Value PointGradient(GraphBuilder g, Value x, Value points, Value dy)
    {
        Value size = g.Constant([x.Shape[3].Size, x.Shape[2].Size], 1, 1, 2);
        Value position = g.Sub(g.Mul(points, size), g.Constant(0.5f));                          // [N, S, 2] in pixels
        Value corner = g.Floor(position);
        Value fraction = g.Transpose(g.Sub(position, corner), 2, 0, 1);                         // [2, N, S]
        Value Pixel(float dx, float dyRow) =>
            g.PointSample(x, g.Div(g.Add(corner, g.Constant([dx + 0.5f, dyRow + 0.5f], 1, 1, 2)), size));   // [N, C, S]

        IReadOnlyList<Value> parts = g.Split(fraction, 0, 1, 1);
        (Value fx, Value fy) = (AsChannel(g, parts[0]), AsChannel(g, parts[1]));
        (Value p00, Value p10, Value p01, Value p11) = (Pixel(0, 0), Pixel(1, 0), Pixel(0, 1), Pixel(1, 1));
        Value alongX = Blend(g, g.Sub(p10, p00), g.Sub(p11, p01), fy);
        Value alongY = Blend(g, g.Sub(p01, p00), g.Sub(p11, p10), fx);
        Value Total(Value slope) => g.Transpose(g.ReduceSum(g.Mul(slope, dy), 1), 0, 2, 1);                 // [N, S, 1]
        return g.Mul(g.Concat(-1, Total(alongX), Total(alongY)), size);
    }

    private static Value AsChannel(GraphBuilder g, Value part) => g.Transpose(part, 1, 0, 2);

    private static Value Blend(GraphBuilder g, Value a, Value b, Value t) => g.Add(g.Mul(a, g.Sub(1f, t)), g.Mul(b, t));
}
