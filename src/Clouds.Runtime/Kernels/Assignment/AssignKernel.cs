using Clouds.Runtime.CustomOps;

namespace Clouds.Runtime.Kernels;

/// <summary>Assign(cost [B,Q,T], valid [B,T]) -> (queries [B,T], targets [B,T], matched [B,T]).</summary>
internal sealed class AssignKernel : ICustomKernel
{
    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        OpTensor cost = context.Input(0, "cost", 3);
        OpTensor valid = context.Input(1, "valid", 2);
        (int batch, int queryCount, int targetCount) = (cost[0], cost[1], cost[2]);
        context.RequireShape(valid, "valid", batch, targetCount);
        OpTensor queries = context.Output(0, ElementType.Int64, batch, targetCount);
        OpTensor targets = context.Output(1, ElementType.Int64, batch, targetCount);
        OpTensor matched = context.Output(2, ElementType.Float, batch, targetCount);
        AssignmentShape shape = new(batch, queryCount, targetCount);
        context.Split(batch, batch,
            (from, to) => Assignment.Run(shape, cost.Floats, valid.Floats, queries.Longs, targets.Longs, matched.Floats, from, to));
    }
}
