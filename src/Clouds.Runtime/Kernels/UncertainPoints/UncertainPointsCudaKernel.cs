using Clouds.Runtime.CustomOps;

namespace Clouds.Runtime.Kernels;

/// <summary><see cref="UncertainPointsKernel"/> on a GPU.</summary>
internal sealed class UncertainPointsCudaKernel(int count) : ICudaOpKernel
{
    /// <inheritdoc/>
    public void Compute(CudaOpContext context)
    {
        DeviceTensor logits = context.Input(0, "logits", 2);
        DeviceTensor candidates = context.Input(1, "candidates", 3);
        (int rows, int length) = (logits[0], logits[1]);
        context.Shapes.Same(candidates.Shape, "candidates", rows, length, 2);
        context.Shapes.That(count >= 0 && count <= length, "logits", logits.Shape, $"at least {count} candidates a row");
        DeviceTensor output = context.Output(0, ElementType.Float, rows, count, 2);
        CudaUncertainPoints.Run(context.Kernels, context.Stream, logits.Floats, candidates.Floats, output.Floats, rows, length, count);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
