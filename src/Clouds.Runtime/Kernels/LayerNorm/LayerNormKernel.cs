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
        OpTensor x = Rows(context, 0, "x", width, out int rows);
        context.RequireShape(bias, "bias", width);
        OpTensor y = context.Output(0, ElementType.Float, x.Shape);
        int parts = (rows + RowsAtOnce - 1) / RowsAtOnce;
        LayerNormShape shape = new(rows, width);
        context.Split(rows, parts, (from, to) => LayerNorm.Forward(shape, x.Floats, scale.Floats, bias.Floats, y.Floats, epsilon, from, to));
    }

    /// <summary>An input whose last dimension is the width; the others are rows.</summary>
    internal static OpTensor Rows(OpContext context, int index, string name, int width, out int rows)
    {
        OpTensor x = context.Input(index, name);
        context.Require(x.Shape.Length > 0 && x.Shape[^1] == width && width > 0, name, x.Shape, $"[..., {width}]");
        long count = 1;
        foreach (long dimension in x.Shape.AsSpan(0, x.Shape.Length - 1))
        {
            count *= dimension;
        }

        rows = checked((int)count);
        return x;
    }
}

/// <summary>LayerNormGrad(dY, x, scale; float epsilon) -> (dX, dScale, dBias).</summary>
internal sealed unsafe class LayerNormGradKernel(float epsilon) : ICustomKernel
{
    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        OpTensor scale = context.Input(2, "scale", 1);
        int width = scale[0];
        OpTensor dY = LayerNormKernel.Rows(context, 0, "dY", width, out int rows);
        OpTensor x = LayerNormKernel.Rows(context, 1, "x", width, out _);
        context.RequireShape(dY, "dY", x.Shape);
        OpTensor dX = context.Output(0, ElementType.Float, x.Shape);
        OpTensor dScale = context.Output(1, ElementType.Float, width);
        OpTensor dBias = context.Output(2, ElementType.Float, width);
        LayerNormShape shape = new(rows, width);
        float[] rented = ArrayPool<float>.Shared.Rent(checked((int)shape.PartialFloats));
        fixed (float* pinned = rented)
        {
            HostSpan<float> partials = new(pinned, shape.PartialFloats);
            context.Split(shape.Chunks, shape.Chunks,
                (from, to) => LayerNorm.Backward(shape, dY.Floats, x.Floats, scale.Floats, dX.Floats, partials, epsilon, from, to));
            LayerNorm.SumPartials(shape, partials, dScale.Floats, dBias.Floats);
        }

        ArrayPool<float>.Shared.Return(rented);
    }
}
