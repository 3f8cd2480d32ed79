using Clouds.Runtime.CustomOps;

namespace Clouds.Runtime.Kernels;

/// <summary>MsDeformAttn(value [B,S,M,D], locations [B,Q,M,L,P,2], weights [B,Q,M,L,P]; ints levels) -> [B,Q,M·D].</summary>
internal sealed class MsDeformAttnKernel(int[] levels) : ICustomKernel
{
    private MsDeformAttnPlan? _plan;

    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        OpTensor value = context.Input(0, "value", 4);
        OpTensor locations = context.Input(1, "locations", 6);
        OpTensor weights = context.Input(2, "weights", 5);
        MsDeformAttnPlan plan = _plan = Plan(context.Shapes, _plan, levels, value.Shape, locations.Shape, weights.Shape);
        OpTensor output = context.Output(0, ElementType.Float, plan.Batch, plan.Queries, (long)plan.Heads * plan.Width);
        context.Split(
            plan.Units, plan.Units, (from, to) => MsDeformAttn.Forward(plan, value.Floats, locations.Floats, weights.Floats, output.Floats, from, to));
    }

    /// <summary>Checks the shapes against each other; the known plan is used again while the sizes stay.</summary>
    internal static MsDeformAttnPlan Plan(ShapeCheck check, MsDeformAttnPlan? known, int[] levels, long[] value, long[] locations, long[] weights)
    {
        int[] v = Array.ConvertAll(value, size => checked((int)size));
        (int batch, int tokens, int heads, int width) = (v[0], v[1], v[2], v[3]);
        (int queries, int points) = (checked((int)weights[1]), checked((int)weights[4]));
        check.Same(weights, "weights", batch, queries, heads, levels.Length / 2, points);
        check.Same(locations, "locations", batch, queries, heads, levels.Length / 2, points, 2);
        return known is not null
            && (known.Batch, known.Tokens, known.Heads, known.Width, known.Queries, known.Points) == (batch, tokens, heads, width, queries, points)
            ? known
            : new MsDeformAttnPlan(levels, batch, tokens, heads, width, queries, points);
    }
}

/// <summary>MsDeformAttnGrad(dOutput, value, locations, weights; ints levels) -> (dValue, dLocations, dWeights).</summary>
internal sealed class MsDeformAttnGradKernel(int[] levels) : ICustomKernel
{
    private MsDeformAttnPlan? _plan;

    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        OpTensor dOutput = context.Input(0, "dOutput", 3);
        OpTensor value = context.Input(1, "value", 4);
        OpTensor locations = context.Input(2, "locations", 6);
        OpTensor weights = context.Input(3, "weights", 5);
        MsDeformAttnPlan plan = _plan = MsDeformAttnKernel.Plan(context.Shapes, _plan, levels, value.Shape, locations.Shape, weights.Shape);
        context.RequireShape(dOutput, "dOutput", plan.Batch, plan.Queries, (long)plan.Heads * plan.Width);
        OpTensor dValue = context.Output(0, ElementType.Float, value.Shape);
        OpTensor dLocations = context.Output(1, ElementType.Float, locations.Shape);
        OpTensor dWeights = context.Output(2, ElementType.Float, weights.Shape);
        context.Split(plan.Units, plan.Units, (from, to) => MsDeformAttn.Backward(
            plan, dOutput.Floats, value.Floats, locations.Floats, weights.Floats, dValue.Floats, dLocations.Floats, dWeights.Floats, from, to));
    }
}
