using Clouds.Runtime.Kernels;

namespace Clouds.Runtime.CustomOps;

/// <summary>
/// MatchingCost(class logits [N,Q,K], mask logits [N,Q,h,w], labels [N,T], masks [N,T,H,W] bytes, valid [N,T], points [N,P,2];
/// float class_weight, mask_weight, dice_weight) -> [N,Q,T].
/// </summary>
internal sealed unsafe class MatchingCostKernel(MatchingWeights weights) : ICustomKernel
{
    /// <summary>Ranges of queries offered to the session's threads: enough to even them out, each long enough to sample several planes together.</summary>
    private const int Parts = 16;

    private NativeBuffer? _samples;

    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        OpTensor classLogits = context.Input(0, "class logits", 3);
        OpTensor maskLogits = context.Input(1, "mask logits", 4);
        OpTensor labels = context.Input(2, "labels", 2);
        OpTensor masks = context.Input(3, "masks", 4);
        OpTensor valid = context.Input(4, "valid", 2);
        OpTensor points = context.Input(5, "points", 3);
        MatchingShape shape = new(maskLogits[0], maskLogits[1], labels[1], classLogits[2], maskLogits[2], maskLogits[3], masks[2], masks[3], points[1]);
        context.RequireShape(classLogits, "class logits", shape.Images, shape.Queries, shape.Classes);
        context.RequireShape(labels, "labels", shape.Images, shape.Targets);
        context.RequireShape(masks, "masks", shape.Images, shape.Targets, shape.MaskHeight, shape.MaskWidth);
        context.RequireShape(valid, "valid", shape.Images, shape.Targets);
        context.RequireShape(points, "points", shape.Images, shape.Points, 2);
        context.Require(shape.Classes > 0, "class logits", classLogits.Shape, "at least one class");
        context.Require(shape.Points > 0, "points", points.Shape, "at least one point");
        context.Require((long)shape.Height * shape.Width > 0, "mask logits", maskLogits.Shape, "a map that is not empty");
        context.Require((long)shape.MaskHeight * shape.MaskWidth > 0, "masks", masks.Shape, "a map that is not empty");
        OpTensor cost = context.Output(0, ElementType.Float, shape.Images, shape.Queries, shape.Targets);
        MatchingInputs inputs = new() { ClassLogits = classLogits.Floats, MaskLogits = maskLogits.Floats, Labels = labels.Longs, Masks = masks.Bytes, Valid = valid.Floats, Points = points.Floats };
        Compute(context, shape, inputs, cost);
    }

    private void Compute(OpContext context, MatchingShape shape, MatchingInputs inputs, OpTensor cost)
    {
        // Kept from call to call; a second call at the same time finds none and makes its own.
        long bytes = sizeof(float) * MatchingCost.SampleFloats(shape);
        NativeBuffer? buffer = Interlocked.Exchange(ref _samples, null);
        if (buffer is null || buffer.Bytes < bytes)
        {
            buffer?.Dispose();
            buffer = new NativeBuffer(bytes);
        }

        float* samples = (float*)buffer.Pointer;
        context.Split(shape.Images * shape.Targets, shape.Images * shape.Targets, (from, to) => MatchingCost.SampleTargets(shape, inputs, samples, from, to));
        context.Split(shape.Images * shape.Queries, shape.Images * Parts, (from, to) => MatchingCost.Run(shape, weights, inputs, samples, cost.Floats, from, to));
        Interlocked.Exchange(ref _samples, buffer)?.Dispose();
    }
}
