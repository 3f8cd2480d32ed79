using Clouds.Runtime.CustomOps;

namespace Clouds.Runtime.Kernels;

/// <summary>DepthwiseConv(x [N,C,H,W], weight [C,1,k,k], bias [C]; padded by k / 2) -> y.</summary>
internal sealed class DepthwiseConvKernel : ICustomKernel
{
    // Ranges a thread would be given at most.
    private const int Parts = 32;

    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        OpTensor x = context.Input(0, "x", 4);
        OpTensor weight = context.Input(1, "weight", 4);
        OpTensor bias = context.Input(2, "bias", 1);
        DepthwiseShape shape = Sizes(context, x, weight);
        context.RequireShape(bias, "bias", shape.Channels);
        OpTensor y = context.Output(0, ElementType.Float, x.Shape);
        context.Split(shape.Planes, Parts, (from, to) => DepthwiseConv.Forward(shape, x.Floats, weight.Floats, bias.Floats, y.Floats, from, to));
    }

    /// <summary>Checks the shapes of x and of the weight.</summary>
    internal static DepthwiseShape Sizes(OpContext context, OpTensor x, OpTensor weight)
    {
        context.Require(weight.Shape[2] % 2 == 1 && weight.Shape[2] < 32, "weight", weight.Shape, "an odd side below 32");
        context.RequireShape(weight, "weight", x.Shape[1], 1, weight.Shape[2], weight.Shape[2]);
        return new DepthwiseShape(x[0], x[1], x[2], x[3], weight[2]);
    }
}

/// <summary>DepthwiseConvGrad(dY, x, weight; padded by k / 2) -> (dX, dWeight, dBias).</summary>
internal sealed class DepthwiseConvGradKernel : ICustomKernel
{
    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        OpTensor dY = context.Input(0, "dY", 4);
        OpTensor x = context.Input(1, "x", 4);
        OpTensor weight = context.Input(2, "weight", 4);
        DepthwiseShape shape = DepthwiseConvKernel.Sizes(context, x, weight);
        context.RequireShape(dY, "dY", x.Shape);
        OpTensor dX = context.Output(0, ElementType.Float, x.Shape);
        OpTensor dWeight = context.Output(1, ElementType.Float, weight.Shape);
        OpTensor dBias = context.Output(2, ElementType.Float, shape.Channels);
        context.Split(shape.Channels, shape.Channels, (from, to) => DepthwiseConv.Backward(
            shape, dY.Floats, x.Floats, weight.Floats, dX.Floats, dWeight.Floats, dBias.Floats, from, to));
    }
}
