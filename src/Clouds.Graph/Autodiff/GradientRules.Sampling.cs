using Clouds.Graph.Building;
using Clouds.Graph.Operators;

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
            c.For(0, () => PointSample.EmitGradient(g, dy, points, x.Shape[2].Size, x.Shape[3].Size)),
            c.For(1, () => g.Reshape(g.Mul(PointSample.PointGradient(g, x, points, dy), 0.5f), grid.Shape)),
        ];
    }
}
