using Clouds.Runtime.CustomOps;

namespace Clouds.Runtime.Kernels;

/// <summary><see cref="AssignKernel"/> on a GPU.</summary>
internal sealed class AssignCudaKernel : ICudaOpKernel
{
    /// <inheritdoc/>
    public void Compute(CudaOpContext context)
    {
        DeviceTensor cost = context.Input(0, "cost", 3);
        DeviceTensor valid = context.Input(1, "valid", 2);
        AssignmentShape shape = new(cost[0], cost[1], cost[2]);
        context.Shapes.Same(valid.Shape, "valid", shape.Batch, shape.Targets);
        DeviceTensor queries = context.Output(0, ElementType.Int64, shape.Batch, shape.Targets);
        DeviceTensor targets = context.Output(1, ElementType.Int64, shape.Batch, shape.Targets);
        DeviceTensor matched = context.Output(2, ElementType.Float, shape.Batch, shape.Targets);
        CudaAssignment.Run(context.Kernels, context.Stream, shape, cost.Floats, valid.Floats, queries.Longs, targets.Longs, matched.Floats);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
