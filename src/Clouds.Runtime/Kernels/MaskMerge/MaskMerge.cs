namespace Clouds.Runtime.Kernels;

/// <summary>What <see cref="MaskMerge"/> fills; the spans are the caller's.</summary>
/// <param name="labels">[height, width]: the class of the pixel's masks, or 255 where there is none or they clash.</param>
/// <param name="bitmaps">
/// [classes, height, ⌈width / 32⌉]: bit x mod 32 of word x / 32 says that the label is the class, by <see cref="MaskOverlap.Keep"/> that one of its
/// masks covers the pixel; or empty.
/// </param>
/// <param name="areas">[N]: pixels that the mask covers, clashes included.</param>
public readonly ref struct MergedMasks(Span<byte> labels, Span<uint> bitmaps, Span<int> areas)
{
    public Span<byte> Labels { get; } = labels;

    public Span<uint> Bitmaps { get; } = bitmaps;

    public Span<int> Areas { get; } = areas;

    /// <summary>[height, ⌈width / 32⌉]: where masks clash; or empty.</summary>
    public Span<uint> Clashes { get; init; }

    /// <summary>[N, height, ⌈width / 32⌉]: the pixels of each mask; or empty.</summary>
    public Span<uint> Chosen { get; init; }

    /// <summary>Whether labels, clashes and bitmaps hold earlier masks of the same image, which these come on top of.</summary>
    public bool Resumes { get; init; }
}

/// <summary>
/// Segment Anything's answers to one label map (paper section 3.3; kernels.md section 4): of the three masks of each prompt the one with the
/// best predicted IoU is enlarged, cropped, resized and cut at 0, and masks that clash give way, all in one pass over the output.
/// </summary>
/// <remarks>Tiles of 32 x 32 pixels; of most masks the logits below a tile have one sign, and nothing is computed. The same bits for any number of
/// threads.</remarks>
public static unsafe class MaskMerge
{
    /// <summary>Masks a prompt.</summary>
    public const int Candidates = 3;

    /// <summary>Words of a row of a bitmap.</summary>
    public static int WordsPerRow(int width) => (width + MaskTile.Side - 1) / MaskTile.Side;

    /// <summary>The mask of each prompt with the best predicted IoU; the first among equals.</summary>
    /// <param name="predictedIou">[N, 3].</param>
    public static int[] Best(ReadOnlySpan<float> predictedIou)
    {
        int[] best = new int[predictedIou.Length / Candidates];
        for (int i = 0; i < best.Length; i++)
        {
            ReadOnlySpan<float> own = predictedIou.Slice(i * Candidates, Candidates);
            for (int candidate = 1; candidate < Candidates; candidate++)
            {
                best[i] = own[candidate] > own[best[i]] ? candidate : best[i];
            }
        }

        return best;
    }

    /// <summary>Merges the masks of one image.</summary>
    /// <param name="geometry">Sizes.</param>
    /// <param name="logits">[N, 3, MaskHeight, MaskWidth].</param>
    /// <param name="predictedIou">[N, 3].</param>
    /// <param name="classes">[N], below 255.</param>
    /// <param name="overlap">Which overlaps are clashes.</param>
    /// <param name="result">Overwritten.</param>
    /// <param name="threads">0 = one a processor.</param>
    public static void Run(MaskGeometry geometry, ReadOnlySpan<float> logits, ReadOnlySpan<float> predictedIou,
        ReadOnlySpan<byte> classes, MaskOverlap overlap, MergedMasks result, int threads = 0)
    {
        geometry.Check();
        Check("logits", logits.Length, (long)classes.Length * Candidates * geometry.MaskPixels);
        Check("predicted IoU", predictedIou.Length, (long)classes.Length * Candidates);
        Check("labels", result.Labels.Length, geometry.Pixels);
        Check("areas", result.Areas.Length, classes.Length);
        int plane = geometry.OutputHeight * WordsPerRow(geometry.OutputWidth);
        CheckPlanes(result, plane, classes.Length);

        if (classes.Contains(ComponentRule.Ignore))
        {
            throw new ArgumentException("mask merge: class 255 means no class");
        }

        result.Areas.Clear();
        result.Chosen.Clear();
        if (!result.Resumes || overlap != MaskOverlap.Keep)
        {
            result.Bitmaps.Clear();
        }

        MaskTile tiles = new(geometry);
        int[] best = Best(predictedIou);
        fixed (float* masks = logits)
        fixed (byte* classOf = classes, labels = result.Labels)
        fixed (uint* bitmaps = result.Bitmaps, clashes = result.Clashes, chosen = result.Chosen)
        fixed (int* areas = result.Areas)
        {
            MaskPointers arrays = new(masks, classOf, labels, areas) { Bitmaps = bitmaps, Clashes = clashes, Chosen = chosen, Resumes = result.Resumes };
            WorkSplit.Run(threads, tiles.Rows, new MaskMerging(tiles, geometry, arrays, best, overlap, result.Bitmaps.Length / plane).Run);
        }
    }

    private static void CheckPlanes(MergedMasks result, int plane, int masks)
    {
        if (result.Bitmaps.Length % plane != 0)
        {
            Check("bitmaps", result.Bitmaps.Length, (result.Bitmaps.Length / plane * (long)plane) + plane);
        }

        if (!result.Chosen.IsEmpty)
        {
            Check("chosen masks", result.Chosen.Length, (long)masks * plane);
        }

        if (!result.Clashes.IsEmpty || result.Resumes)
        {
            Check("clashes", result.Clashes.Length, plane);
        }
    }

    private static void Check(string name, long found, long expected)
    {
        if (found != expected)
        {
            throw new ArgumentException($"mask merge: {name} have {found} elements, expected {expected}");
        }
    }
}
