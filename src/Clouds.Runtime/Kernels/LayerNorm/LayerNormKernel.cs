using System.Buffers;
using Clouds.Runtime.CustomOps;

namespace Clouds.Runtime.Kernels;

/// <summary>LayerNorm(x [..., D], scale [D], bias [D]; float epsilon) -> y, x of any rank from 1.</summary>
internal sealed class LayerNormKernel(float epsilon) : ICustomKernel
{
    private const int RowsAtOnce = 64;

    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        OpTensor scale = context.Input(1, "scale", 1);
        OpTensor bias = context.Input(2, "bias", 1);
        int width = scale[0];
        OpTensor x = context.Input(0, "x");
        int rows = Rows(context.Shapes, x.Shape, "x", width);
        context.RequireShape(bias, "bias", width);
        OpTensor y = context.Output(0, ElementType.Float, x.Shape);
        int parts = (rows + RowsAtOnce - 1) / RowsAtOnce;
        LayerNormShape shape = new(rows, width);
        context.Split(rows, parts, (from, to) => LayerNorm.Forward(shape, x.Floats, scale.Floats, bias.Floats, y.Floats, epsilon, from, to));
    }

    /// <summary>Rows of a shape whose last dimension must be the width.</summary>
    internal static int Rows(ShapeCheck check, long[] shape, string name, int width)
    {
        check.That(shape.Length > 0 && shape[^1] == width && width > 0, name, shape, $"[..., {width}]");
        return checked((int)shape.SkipLast(1).Aggregate(1L, (product, dimension) => checked(product * dimension)));
    }
}

/// <summary>LayerNormGrad(dY, x, scale; float epsilon) -> (dX, dScale, dBias).</summary>
internal sealed unsafe class LayerNormGradKernel(float epsilon) : ICustomKernel
{
    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        OpTensor dY = context.Input(0, "dY");
        OpTensor x = context.Input(1, "x");
        OpTensor scale = context.Input(2, "scale", 1);
        int width = scale[0];
        int rows = LayerNormKernel.Rows(context.Shapes, x.Shape, "x", width);
        context.RequireShape(dY, "dY", x.Shape);
        OpTensor dX = context.Output(0, ElementType.Float, x.Shape);
        OpTensor dScale = context.Output(1, ElementType.Float, width);
        OpTensor dBias = context.Output(2, ElementType.Float, width);
        LayerNormShape shape = new(rows, width);
        float[] rented = ArrayPool<float>.Shared.Rent(checked((int)shape.PartialFloats));
        try
        {
            fixed (float* pinned = rented)
            {
                HostSpan<float> partials = new(pinned, shape.PartialFloats);
                context.Split(shape.Chunks, shape.Chunks,
                    (from, to) => LayerNorm.Backward(shape, dY.Floats, x.Floats, scale.Floats, dX.Floats, partials, epsilon, from, to));
                LayerNorm.SumPartials(shape, partials, dScale.Floats, dBias.Floats);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }
}
