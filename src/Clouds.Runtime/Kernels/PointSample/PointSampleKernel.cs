using Clouds.Runtime.CustomOps;

namespace Clouds.Runtime.Kernels;

/// <summary>PointSample(input [N,C,H,W] float or byte, points [N,P,2]) -> [N,C,P].</summary>
internal sealed class PointSampleKernel : ICustomKernel
{
    /// <summary>Ranges offered to the session's threads; a range works out the points' corners once.</summary>
    internal const int Parts = 16;

    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        OpTensor input = context.Input(0, "input", 4);
        OpTensor points = context.Input(1, "points", 3);
        (int channels, int height, int width, int count) = (input[1], input[2], input[3], points[1]);
        context.RequireShape(points, "points", input[0], count, 2);
        context.Require(height > 0 && width > 0, "input", input.Shape, "a map that is not empty");
        OpTensor output = context.Output(0, ElementType.Float, input[0], channels, count);
        PointSampleShape shape = new(input[0], channels, height, width, count);
        switch (input.Type)
        {
            case ElementType.Float:
                context.Split(
                    shape.Planes, Parts, (from, to) => PointSample.Forward(shape, input.Floats, points.Floats, output.Floats, from, to));
                break;
            case ElementType.Byte:
                context.Split(
                    shape.Planes, Parts, (from, to) => PointSample.Forward(shape, input.Bytes, points.Floats, output.Floats, from, to));
                break;
            default:
                throw new ArgumentException($"PointSample: input has element type {input.Type}, expected float or unsigned byte");
        }
    }
}

/// <summary>PointSampleGrad(dY [N,C,P], points [N,P,2]; ints size = {H, W}) -> [N,C,H,W].</summary>
internal sealed class PointSampleGradKernel : ICustomKernel
{
    private readonly int _height;
    private readonly int _width;

    /// <summary>Takes the size of the sampled map.</summary>
    public PointSampleGradKernel(int[] size) => (_height, _width) = Size(size);

    /// <summary>Checks the attribute "size".</summary>
    internal static (int Height, int Width) Size(int[] size) => size is [> 0, > 0]
        ? (size[0], size[1])
        : throw new ArgumentException($"PointSampleGrad: size is [{string.Join(", ", size)}], expected a height and a width");

    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        OpTensor dY = context.Input(0, "dY", 3);
        OpTensor points = context.Input(1, "points", 3);
        (int channels, int count) = (dY[1], dY[2]);
        context.RequireShape(points, "points", dY[0], count, 2);
        OpTensor dInput = context.Output(0, ElementType.Float, dY[0], channels, _height, _width);
        PointSampleShape shape = new(dY[0], channels, _height, _width, count);
        context.Split(shape.Planes, PointSampleKernel.Parts, (from, to) => PointSample.Backward(shape, dY.Floats, points.Floats, dInput.Floats, from, to));
    }
}
