using Clouds.Runtime.CustomOps;

namespace Clouds.Runtime.Kernels;

/// <summary><see cref="LayerNormGradKernel"/> on a GPU.</summary>
internal sealed class LayerNormGradCudaKernel(float epsilon) : ICudaOpKernel
{
    /// <inheritdoc/>
    public void Compute(CudaOpContext context)
    {
        DeviceTensor dY = context.Input(0, "dY");
        DeviceTensor x = context.Input(1, "x");
        DeviceTensor scale = context.Input(2, "scale", 1);
        int width = scale[0];
        LayerNormShape shape = new(LayerNormKernel.Rows(context.Shapes, x.Shape, "x", width), width);
        context.Shapes.Same(dY.Shape, "dY", x.Shape);
        DeviceNormGradients gradients = new()
        {
            X = context.Output(0, ElementType.Float, x.Shape).Floats,
            Scale = context.Output(1, ElementType.Float, width).Floats,
            Shift = context.Output(2, ElementType.Float, width).Floats,
        };
        CudaLayerNorm.Backward(
            context.Kernels, context.Stream, shape, dY.Floats, x.Floats, scale.Floats, gradients, context.Scratch<float>(shape.PartialFloats), epsilon);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
