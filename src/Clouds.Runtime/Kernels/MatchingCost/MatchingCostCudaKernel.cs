using Clouds.Runtime.CustomOps;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary><see cref="MatchingCostKernel"/> on a GPU.</summary>
internal sealed class MatchingCostCudaKernel(MatchingWeights weights) : ICudaOpKernel
{
    /// <inheritdoc/>
    public void Compute(CudaOpContext context)
    {
        DeviceTensor classLogits = context.Input(0, "class logits", 3);
        DeviceTensor maskLogits = context.Input(1, "mask logits", 4);
        DeviceTensor labels = context.Input(2, "labels", 2);
        DeviceTensor masks = context.Input(3, "masks", 4);
        DeviceTensor valid = context.Input(4, "valid", 2);
        DeviceTensor points = context.Input(5, "points", 3);
        MatchingShape shape =
            MatchingCostKernel.Shape(context.Shapes, classLogits.Shape, maskLogits.Shape, labels.Shape, masks.Shape, valid.Shape, points.Shape);
        DeviceTensor cost = context.Output(0, ElementType.Float, shape.Images, shape.Queries, shape.Targets);
        DeviceMatching inputs = new()
        {
            ClassLogits = classLogits.Floats,
            MaskLogits = maskLogits.Floats,
            Labels = labels.Longs,
            Masks = masks.Bytes,
            Valid = valid.Floats,
            Points = points.Floats,
        };
        DeviceSpan<float> sums = context.Scratch<float>(CudaMatchingCost.ScratchFloats(shape));
        CudaMatchingCost.Run(context.Kernels, context.Stream, shape, weights, inputs, sums, cost.Floats);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
