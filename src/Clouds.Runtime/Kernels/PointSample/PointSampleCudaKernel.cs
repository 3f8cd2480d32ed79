using Clouds.Runtime.CustomOps;

namespace Clouds.Runtime.Kernels;

/// <summary><see cref="PointSampleKernel"/> on a GPU.</summary>
internal sealed class PointSampleCudaKernel : ICudaOpKernel
{
    /// <inheritdoc/>
    public void Compute(CudaOpContext context)
    {
        DeviceTensor input = context.Input(0, "input", 4);
        DeviceTensor points = context.Input(1, "points", 3);
        PointSampleShape shape = new(input[0], input[1], input[2], input[3], points[1]);
        context.Shapes.Same(points.Shape, "points", shape.Images, shape.Points, 2);
        context.Shapes.That(shape is { Height: > 0, Width: > 0 }, "input", input.Shape, "a map that is not empty");
        DeviceTensor output = context.Output(0, ElementType.Float, shape.Images, shape.Channels, shape.Points);
        switch (input.Type)
        {
            case ElementType.Float:
                CudaPointSample.Forward(context.Kernels, context.Stream, shape, input.Floats, points.Floats, output.Floats);
                break;
            case ElementType.Byte:
                CudaPointSample.Forward(context.Kernels, context.Stream, shape, input.Bytes, points.Floats, output.Floats);
                break;
            default:
                throw new ArgumentException($"PointSample: input has element type {input.Type}, expected float or unsigned byte");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}

/// <summary><see cref="PointSampleGradKernel"/> on a GPU: points in any order, sorted there by the cells they fall into.</summary>
internal sealed class PointSampleGradCudaKernel(int[] size) : ICudaOpKernel
{
    private readonly (int Height, int Width) _size = PointSampleGradKernel.Size(size);

    /// <inheritdoc/>
    public void Compute(CudaOpContext context)
    {
        DeviceTensor dY = context.Input(0, "dY", 3);
        DeviceTensor points = context.Input(1, "points", 3);
        PointSampleShape shape = new(dY[0], dY[1], _size.Height, _size.Width, dY[2]);
        context.Shapes.Same(points.Shape, "points", shape.Images, shape.Points, 2);
        DeviceTensor dInput = context.Output(0, ElementType.Float, shape.Images, shape.Channels, shape.Height, shape.Width);
        CudaPointSample.Backward(
            context.Kernels, context.Stream, shape, dY.Floats, points.Floats, dInput.Floats,
            context.Scratch<uint>(shape.Images * (shape.Cells + 1)), context.Scratch<uint>((long)shape.Images * shape.Points));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
