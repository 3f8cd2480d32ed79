using Clouds.Runtime.CustomOps;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary><see cref="MsDeformAttnKernel"/> on a GPU; weights of a query and head not above 1 in sum, as softmax gives them.</summary>
internal sealed class MsDeformAttnCudaKernel(int[] levels) : ICudaOpKernel
{
    private readonly AttentionOnDevice _attention = new(levels);

    /// <inheritdoc/>
    public void Compute(CudaOpContext context)
    {
        DeviceTensor value = context.Input(0, "value", 4);
        DeviceTensor locations = context.Input(1, "locations", 6);
        DeviceTensor weights = context.Input(2, "weights", 5);
        MsDeformAttnPlan plan = _attention.Prepare(context, value, locations, weights);
        DeviceTensor output = context.Output(0, ElementType.Float, plan.Batch, plan.Queries, (long)plan.Heads * plan.Width);
        DeviceAttention inputs = new() { Value = _attention.Widen(context, value.Floats), Locations = locations.Floats, Weights = weights.Floats };
        DeviceSpan<float> wide = _attention.Wide(context, output.Floats);
        _attention.Host.Forward(context.Stream, inputs, wide);
        _attention.Narrow(context, wide, output.Floats);
    }

    /// <inheritdoc/>
    public void Dispose() => _attention.Dispose();
}

/// <summary><see cref="MsDeformAttnGradKernel"/> on a GPU; the same bits in every run, unless the session may do without.</summary>
internal sealed class MsDeformAttnGradCudaKernel(int[] levels) : ICudaOpKernel
{
    private readonly AttentionOnDevice _attention = new(levels);

    /// <inheritdoc/>
    public void Compute(CudaOpContext context)
    {
        DeviceTensor dOutput = context.Input(0, "dOutput", 3);
        DeviceTensor value = context.Input(1, "value", 4);
        DeviceTensor locations = context.Input(2, "locations", 6);
        DeviceTensor weights = context.Input(3, "weights", 5);
        MsDeformAttnPlan plan = _attention.Prepare(context, value, locations, weights);
        context.Shapes.Same(dOutput.Shape, "dOutput", plan.Batch, plan.Queries, (long)plan.Heads * plan.Width);
        DeviceTensor dValue = context.Output(0, ElementType.Float, value.Shape);
        DeviceTensor dLocations = context.Output(1, ElementType.Float, locations.Shape);
        DeviceTensor dWeights = context.Output(2, ElementType.Float, weights.Shape);
        DeviceAttention inputs = new() { Value = _attention.Widen(context, value.Floats), Locations = locations.Floats, Weights = weights.Floats };
        DeviceAttention gradients = new() { Value = _attention.Wide(context, dValue.Floats), Locations = dLocations.Floats, Weights = dWeights.Floats };
        DeviceSpan<float> given = _attention.Widen(context, dOutput.Floats);
        _attention.Host.Backward(
            context.Stream, inputs, given, gradients, context.Scratch<long>(context.Sums == GradientSum.Stable ? gradients.Value.Length : 0), context.Sums);
        _attention.Narrow(context, gradients.Value, dValue.Floats);
    }

    /// <inheritdoc/>
    public void Dispose() => _attention.Dispose();
}
