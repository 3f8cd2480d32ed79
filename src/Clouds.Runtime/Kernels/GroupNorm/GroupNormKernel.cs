using System.Buffers;
using Clouds.Runtime.CustomOps;

namespace Clouds.Runtime.Kernels;

/// <summary>GroupNorm(x [N,C,H,W], scale [C], shift [C]; int groups, float epsilon) -> y.</summary>
internal sealed class GroupNormKernel(int groups, float epsilon) : ICustomKernel
{
    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        OpTensor x = context.Input(0, "x", 4);
        OpTensor scale = context.Input(1, "scale", 1);
        OpTensor shift = context.Input(2, "shift", 1);
        GroupNormShape shape = Sizes(context.Shapes, x.Shape, groups, ("scale", scale.Shape), ("shift", shift.Shape));
        OpTensor y = context.Output(0, ElementType.Float, x.Shape);
        context.Split(shape.Units, shape.Units, (from, to) => GroupNorm.Forward(shape, x.Floats, scale.Floats, shift.Floats, y.Floats, epsilon, from, to));
    }

    /// <summary>Checks the shapes of x and of its parameters.</summary>
    internal static GroupNormShape Sizes(ShapeCheck check, long[] x, int groups, params ReadOnlySpan<(string Name, long[] Shape)> parameters)
    {
        check.That(groups > 0 && x[1] % groups == 0, "x", x, $"channels in {groups} groups");
        foreach ((string name, long[] shape) in parameters)
        {
            check.Same(shape, name, x[1]);
        }

        return new GroupNormShape(checked((int)x[0]), checked((int)x[1]), groups, checked((int)(x[2] * x[3])));
    }
}

/// <summary>GroupNormGrad(dY, x, scale; int groups, float epsilon) -> (dX, dScale, dShift).</summary>
internal sealed unsafe class GroupNormGradKernel(int groups, float epsilon) : ICustomKernel
{
    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        OpTensor dY = context.Input(0, "dY", 4);
        OpTensor x = context.Input(1, "x", 4);
        OpTensor scale = context.Input(2, "scale", 1);
        GroupNormShape shape = GroupNormKernel.Sizes(context.Shapes, x.Shape, groups, ("scale", scale.Shape));
        context.RequireShape(dY, "dY", x.Shape);
        OpTensor dX = context.Output(0, ElementType.Float, x.Shape);
        OpTensor dScale = context.Output(1, ElementType.Float, shape.Channels);
        OpTensor dShift = context.Output(2, ElementType.Float, shape.Channels);
        float[] rented = ArrayPool<float>.Shared.Rent(checked((int)shape.PlaneFloats));
        fixed (float* pinned = rented)
        {
            HostSpan<float> planes = new(pinned, shape.PlaneFloats);
            context.Split(shape.Units, shape.Units,
                (from, to) => GroupNorm.Backward(shape, dY.Floats, x.Floats, scale.Floats, dX.Floats, planes, epsilon, from, to));
            GroupNorm.SumPlanes(shape, planes, dScale.Floats, dShift.Floats);
        }

        ArrayPool<float>.Shared.Return(rented);
    }
}
