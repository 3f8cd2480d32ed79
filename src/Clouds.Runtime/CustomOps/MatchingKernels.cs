using Clouds.Runtime.Kernels;

namespace Clouds.Runtime.CustomOps;

/// <summary>UncertainPoints(logits [N,R], candidates [N,R,2]; int count) -> [N,count,2].</summary>
internal sealed unsafe class UncertainPointsKernel(int count) : ICustomKernel
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
        context.Split(rows, rows, (from, to) => UncertainPoints.Run(logits.Floats, candidates.Floats, output.Floats, length, count, from, to));
    }
}

/// <summary>Assign(cost [B,Q,T], valid [B,T]) -> (queries [B,T], targets [B,T], matched [B,T]).</summary>
internal sealed unsafe class AssignKernel : ICustomKernel
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
        context.Split(batch, batch,
            (from, to) => Assignment.Run(cost.Floats, valid.Floats, queries.Longs, targets.Longs, matched.Floats, queryCount, targetCount, from, to));
    }
}
