using Clouds.Runtime.CustomOps;

namespace Clouds.Runtime.Kernels;

/// <summary><see cref="ScatterAddKernel"/> on a GPU. The update of an index outside is left out: to refuse it, the processor would have to wait.</summary>
internal sealed class ScatterAddCudaKernel(int rows, int batchAxes) : ICudaOpKernel
{
    /// <inheritdoc/>
    public void Compute(CudaOpContext context)
    {
        DeviceTensor updates = context.Input(0, "updates");
        DeviceTensor indices = context.Input(1, "indices");
        (ScatterAddShape shape, long[] result) = ScatterAddKernel.Sizes(context.Shapes, updates.Shape, indices.Shape, rows, batchAxes);
        DeviceTensor sums = context.Output(0, ElementType.Float, result);
        CudaScatterAdd.Run(
            context.Kernels, context.Stream, shape, updates.Floats, indices.Longs, sums.Floats,
            context.Scratch<uint>(shape.Lists), context.Scratch<uint>(indices.Elements));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
