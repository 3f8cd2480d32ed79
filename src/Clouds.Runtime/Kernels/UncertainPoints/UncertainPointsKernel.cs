using Clouds.Runtime.CustomOps;

namespace Clouds.Runtime.Kernels;

/// <summary>UncertainPoints(logits [N,R], candidates [N,R,2]; int count) -> [N,count,2].</summary>
internal sealed class UncertainPointsKernel(int count) : ICustomKernel
{
    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        OpTensor logits = context.Input(0, "logits", 2);
        OpTensor candidates = context.Input(1, "candidates", 3);
        (int rows, int length) = (logits[0], logits[1]);
        context.RequireShape(candidates, "candidates", rows, length, 2);
        context.Require(count >= 0 && count <= length, "logits", logits.Shape, $"at least {count} candidates a row");
        OpTensor output = context.Output(0, ElementType.Float, rows, count, 2);
        context.Split(rows, rows, (from, to) => UncertainPoints.Run(logits.Floats, candidates.Floats, output.Floats, rows, length, count, from, to));
    }
}
