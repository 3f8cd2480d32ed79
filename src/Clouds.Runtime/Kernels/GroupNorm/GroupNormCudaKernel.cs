using Clouds.Runtime.CustomOps;

namespace Clouds.Runtime.Kernels;

/// <summary><see cref="GroupNormKernel"/> on a GPU.</summary>
internal sealed class GroupNormCudaKernel(int groups, float epsilon) : ICudaOpKernel
{
    /// <inheritdoc/>
    public void Compute(CudaOpContext context)
    {
        DeviceTensor x = context.Input(0, "x", 4);
        DeviceTensor scale = context.Input(1, "scale", 1);
        DeviceTensor shift = context.Input(2, "shift", 1);
        GroupNormShape shape = GroupNormKernel.Sizes(context.Shapes, x.Shape, groups, ("scale", scale.Shape), ("shift", shift.Shape));
        DeviceTensor y = context.Output(0, ElementType.Float, x.Shape);
        CudaGroupNorm.Forward(
            context.Kernels, context.Stream, shape, x.Floats, scale.Floats, shift.Floats, y.Floats,
            context.Scratch<float>(CudaGroupNorm.ForwardFloats(shape)), epsilon);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}

/// <summary><see cref="GroupNormGradKernel"/> on a GPU.</summary>
internal sealed class GroupNormGradCudaKernel(int groups, float epsilon) : ICudaOpKernel
{
    /// <inheritdoc/>
    public void Compute(CudaOpContext context)
    {
        DeviceTensor dY = context.Input(0, "dY", 4);
        DeviceTensor x = context.Input(1, "x", 4);
        DeviceTensor scale = context.Input(2, "scale", 1);
        GroupNormShape shape = GroupNormKernel.Sizes(context.Shapes, x.Shape, groups, ("scale", scale.Shape));
        context.Shapes.Same(dY.Shape, "dY", x.Shape);
        DeviceNormGradients gradients = new()
        {
            X = context.Output(0, ElementType.Float, x.Shape).Floats,
            Scale = context.Output(1, ElementType.Float, shape.Channels).Floats,
            Shift = context.Output(2, ElementType.Float, shape.Channels).Floats,
        };
        CudaGroupNorm.Backward(
            context.Kernels, context.Stream, shape, dY.Floats, x.Floats, scale.Floats, gradients,
            context.Scratch<float>(CudaGroupNorm.BackwardFloats(shape)), epsilon);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
