using Clouds.Runtime.CustomOps;

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
        DeviceAttention inputs = new() { Value = _attention.Widen(context, 0, value.Floats), Locations = locations.Floats, Weights = weights.Floats };
        _attention.Host.Forward(context.Stream, inputs, _attention.Wide(context, 1, output.Floats));
        _attention.Narrow(context, 1, output.Floats);
    }

    /// <inheritdoc/>
    public void Dispose() => _attention.Dispose();
}

/// <summary><see cref="MsDeformAttnGradKernel"/> on a GPU; the same bits in every run.</summary>
internal sealed class MsDeformAttnGradCudaKernel(int[] levels) : ICudaOpKernel
{
    private readonly AttentionOnDevice _attention = new(levels);
    private readonly DeviceScratch<long> _sums = new();

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
        DeviceAttention inputs = new() { Value = _attention.Widen(context, 0, value.Floats), Locations = locations.Floats, Weights = weights.Floats };
        DeviceAttention gradients = new() { Value = _attention.Wide(context, 2, dValue.Floats), Locations = dLocations.Floats, Weights = dWeights.Floats };
        _attention.Host.Backward(context.Stream, inputs, _attention.Widen(context, 1, dOutput.Floats), gradients, _sums.Span(context, gradients.Value.Length));
        _attention.Narrow(context, 2, dValue.Floats);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _attention.Dispose();
        _sums.Dispose();
    }
}
