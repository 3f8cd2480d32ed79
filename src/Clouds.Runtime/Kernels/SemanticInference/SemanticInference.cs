namespace Clouds.Runtime.Kernels;

/// <summary>
/// Mask classification to a label map, fused (method.md section 1.7): scores[k, y, x] = sum over q of P[q, k] · sigmoid(upsampled mask q at (y, x)),
/// label = argmax over k, lowest class on ties, <see cref="NoLabel"/> where the scores are no numbers. Never holds Q x H x W values: rows are
/// finished one by one.
/// </summary>
public static unsafe class SemanticInference
{
    /// <summary>The label of a pixel whose scores are no numbers, because a probability or a logit that they depend on is not finite.</summary>
    public const ushort NoLabel = ushort.MaxValue;

    /// <summary>Softmax over K + 1 logits a query, no-object column (the last) dropped: [Q, K].</summary>
    public static float[] Probabilities(ReadOnlySpan<float> classLogits, int queries, int classes)
    {
        Check(classLogits.Length, (long)queries * (classes + 1), "class logits");
        float[] result = new float[queries * classes];
        for (int q = 0; q < queries; q++)
        {
            ReadOnlySpan<float> row = classLogits.Slice(q * (classes + 1), classes + 1);
            float largest = row[0];
            foreach (float logit in row)
            {
                largest = Math.Max(largest, logit);
            }

            double sum = 0;
            foreach (float logit in row)
            {
                sum += Math.Exp(logit - largest);
            }

            for (int k = 0; k < classes; k++)
            {
                result[(q * classes) + k] = (float)(Math.Exp(row[k] - largest) / sum);
            }
        }

        return result;
    }

    /// <summary>Labels, and scores on request, of the un-padded crop.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="probabilities">P [Q, K].</param>
    /// <param name="maskLogits">[Q, MaskHeight, MaskWidth].</param>
    /// <param name="labels">[CropHeight, CropWidth], overwritten.</param>
    /// <param name="scores">[K, CropHeight, CropWidth], overwritten; or empty.</param>
    /// <param name="threads">0 = one a processor. The result does not depend on it.</param>
    /// <param name="cancellation">Checked between blocks of rows.</param>
    /// <param name="level">Vector width; null = the widest of this machine. The result does not depend on it.</param>
    public static void Run(
        SemanticShape shape, ReadOnlySpan<float> probabilities, ReadOnlySpan<float> maskLogits, Span<ushort> labels,
        Span<float> scores, int threads = 0, CancellationToken cancellation = default, SimdLevel? level = null)
    {
        long pixels = (long)shape.CropHeight * shape.CropWidth;
        Check(labels.Length, pixels, "labels");
        Check(scores.Length, scores.IsEmpty ? 0 : pixels * shape.Classes, "scores");
        CheckInputs(shape, probabilities, maskLogits);
        SemanticRows rows = SemanticRows.Create(level ?? SimdLevels.Best, shape, probabilities);
        fixed (float* masks = maskLogits, scorePlane = scores)
        fixed (ushort* label = labels)
        {
            float* m = masks;
            float* s = scorePlane;
            ushort* l = label;
            WorkSplit.Run(
                threads,
                shape.CropHeight,
                (from, to) =>
                {
                    float* scratch = Scratch.Floats(rows.ScratchFloats);
                    for (int y = from; y < to; y++)
                    {
                        rows.Run(m, y, l + ((long)y * shape.CropWidth), s is null ? null : s + ((long)y * shape.CropWidth), pixels, scratch);
                    }
                },
                cancellation);
        }
    }

    /// <summary>The same with the scores resized bilinearly (align_corners = false) to height x width before the argmax.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="probabilities">P [Q, K].</param>
    /// <param name="maskLogits">[Q, MaskHeight, MaskWidth].</param>
    /// <param name="height">Output rows.</param>
    /// <param name="width">Output columns.</param>
    /// <param name="labels">[height, width], overwritten.</param>
    /// <param name="scores">[K, height, width], overwritten; or empty.</param>
    /// <param name="threads">0 = one a processor. The result does not depend on it.</param>
    /// <param name="cancellation">Checked between blocks of rows.</param>
    /// <param name="level">Vector width; null = the widest of this machine. The result does not depend on it.</param>
    public static void RunResized(
        SemanticShape shape, ReadOnlySpan<float> probabilities, ReadOnlySpan<float> maskLogits, int height, int width,
        Span<ushort> labels, Span<float> scores, int threads = 0, CancellationToken cancellation = default, SimdLevel? level = null)
    {
        if (height == shape.CropHeight && width == shape.CropWidth)
        {
            Run(shape, probabilities, maskLogits, labels, scores, threads, cancellation, level);
            return;
        }

        long pixels = (long)height * width;
        Check(labels.Length, pixels, "labels");
        Check(scores.Length, scores.IsEmpty ? 0 : pixels * shape.Classes, "scores");
        CheckInputs(shape, probabilities, maskLogits);
        SemanticRows rows = SemanticRows.Create(level ?? SimdLevels.Best, shape, probabilities);
        ResizedRows resized = ResizedRows.Create(level ?? SimdLevels.Best, rows, shape, height, width);
        fixed (float* masks = maskLogits, scorePlane = scores)
        fixed (ushort* label = labels)
        {
            float* m = masks;
            float* s = scorePlane;
            ushort* l = label;
            WorkSplit.Run(threads, height, (from, to) => resized.Run(m, l, s, from, to), cancellation);
        }
    }

    private static void CheckInputs(SemanticShape shape, ReadOnlySpan<float> probabilities, ReadOnlySpan<float> maskLogits)
    {
        Check(probabilities.Length, (long)shape.Queries * shape.Classes, "class probabilities");
        Check(maskLogits.Length, (long)shape.Queries * shape.MaskHeight * shape.MaskWidth, "mask logits");
        if (shape.CropHeight > shape.PaddedHeight || shape.CropWidth > shape.PaddedWidth || shape.Classes is < 1 or > ushort.MaxValue)
        {
            throw new ArgumentException($"semantic inference: sizes do not fit together: {shape}");
        }
    }

    private static void Check(long found, long expected, string name)
    {
        if (found != expected)
        {
            throw new ArgumentException($"semantic inference: {name} have {found} elements, expected {expected}");
        }
    }
}
