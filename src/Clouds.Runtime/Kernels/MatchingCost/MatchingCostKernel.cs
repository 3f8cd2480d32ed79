using Clouds.Runtime.CustomOps;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// MatchingCost(class logits [N,Q,K], mask logits [N,Q,h,w], labels [N,T], masks [N,T,H,W] bytes, valid [N,T], points [N,P,2];
/// float class_weight, mask_weight, dice_weight) -> [N,Q,T].
/// </summary>
internal sealed class MatchingCostKernel(MatchingWeights weights) : ICustomKernel, IDisposable
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
        MatchingShape shape = Shape(context.Shapes, classLogits.Shape, maskLogits.Shape, labels.Shape, masks.Shape, valid.Shape, points.Shape);
        OpTensor cost = context.Output(0, ElementType.Float, shape.Images, shape.Queries, shape.Targets);
        MatchingInputs inputs = new()
        {
            ClassLogits = classLogits.Floats,
            MaskLogits = maskLogits.Floats,
            Labels = labels.Longs,
            Masks = masks.Bytes,
            Valid = valid.Floats,
            Points = points.Floats,
        };
        Compute(context, shape, inputs, cost);
    }

    /// <inheritdoc/>
    public void Dispose() => _samples?.Dispose();

    /// <summary>Checks the shapes against each other.</summary>
    internal static MatchingShape Shape(ShapeCheck check, long[] classLogits, long[] maskLogits, long[] labels, long[] masks, long[] valid, long[] points)
    {
        (long images, long queries, long targets) = (maskLogits[0], maskLogits[1], labels[1]);
        check.Same(classLogits, "class logits", images, queries, classLogits[2]);
        check.Same(labels, "labels", images, targets);
        check.Same(masks, "masks", images, targets, masks[2], masks[3]);
        check.Same(valid, "valid", images, targets);
        check.Same(points, "points", images, points[1], 2);
        check.That(classLogits[2] > 0, "class logits", classLogits, "at least one class");
        check.That(points[1] > 0, "points", points, "at least one point");
        check.That(maskLogits[2] * maskLogits[3] is > 0 and <= int.MaxValue, "mask logits", maskLogits, "a map that is not empty");
        check.That(masks[2] * masks[3] is > 0 and <= int.MaxValue, "masks", masks, "a map that is not empty");
        int Size(long dimension) => checked((int)dimension);
        return new(Size(images), Size(queries), Size(targets), Size(classLogits[2]),
            Size(maskLogits[2]), Size(maskLogits[3]), Size(masks[2]), Size(masks[3]), Size(points[1]));
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

        HostSpan<float> samples = buffer.Elements<float>(0, MatchingCost.SampleFloats(shape));
        context.Split(shape.Images * shape.Targets, shape.Images * shape.Targets, (from, to) => MatchingCost.SampleTargets(shape, inputs, samples, from, to));
        context.Split(
            shape.Images * shape.Queries, shape.Images * Parts, (from, to) => MatchingCost.Run(shape, weights, inputs, samples, cost.Floats, from, to));
        Interlocked.Exchange(ref _samples, buffer)?.Dispose();
    }
}
