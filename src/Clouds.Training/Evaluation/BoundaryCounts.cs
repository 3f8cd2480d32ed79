using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Training.Evaluation;

/// <summary>
/// Counts for the boundary IoU (Cheng et al., "Boundary IoU", CVPR 2021): of every class, the pixels of its mask that are not farther from the mask's
/// border than 2 % of the image's diagonal, in the truth, in the answer, and in both. Differs from the reference: detectron2's evaluator erodes the map of
/// ids itself, so that a pixel counts as boundary by the order of the ids around it. Not safe for several threads.
/// </summary>
public sealed class BoundaryCounts(ClassSet classes)
{
    /// <summary>Width of a boundary, as a share of the image's diagonal. Cheng et al. and detectron2: 0.02.</summary>
    public const double DilationRatio = 0.02;

    private readonly long[] _counts = new long[3 * classes.Count];

    /// <summary>The counts: both, truth, answer; each of all classes.</summary>
    public Memory<long> Counts => _counts;

    /// <summary>IoU of the boundaries of a class; null where the truth has none.</summary>
    public double? Iou(int id)
    {
        (long both, long truth, long answer) = (_counts[id], _counts[classes.Count + id], _counts[(2 * classes.Count) + id]);
        return truth > 0 ? both / (double)(truth + answer - both) : null;
    }

    /// <summary>Width of the boundaries of an image: rounded half to even, at least 1 pixel.</summary>
    public static int Distance(int width, int height) =>
        Math.Max(1, (int)Math.Round(DilationRatio * Math.Sqrt(((double)width * width) + ((double)height * height))));

    /// <summary>Adds one image. Pixels whose truth is 255 count for nothing and make no boundary: they belong to every mask that they touch.</summary>
    /// <param name="answer">Train ids; 255 for no class.</param>
    /// <param name="truth">Train ids of the same size, 255 = not counted.</param>
    public void Add(LabelMap answer, LabelMap truth)
    {
        int distance = Distance(truth.Width, truth.Height);
        using BoundaryMap own = new(truth, truth, distance);
        using BoundaryMap others = new(answer, truth, distance);
        for (int y = 0; y < truth.Height; y++)
        {
            int row = y * truth.Width;
            Add(answer.Ids.AsSpan(row, truth.Width), truth.Ids.AsSpan(row, truth.Width), others.Row(y), own.Row(y));
        }
    }

    private void Add(ReadOnlySpan<ushort> answer, ReadOnlySpan<ushort> truth, ReadOnlySpan<bool> answerInside, ReadOnlySpan<bool> truthInside)
    {
        int of = classes.Count;
        for (int x = 0; x < truth.Length; x++)
        {
            if ((truthInside[x] & answerInside[x]) || truth[x] == LabelMap.Ignore)
            {
                continue;
            }

            bool inTruth = !truthInside[x], inAnswer = !answerInside[x] && answer[x] < of;
            _counts[of + truth[x]] += inTruth ? 1 : 0;
            if (inAnswer)
            {
                _counts[(2 * of) + answer[x]]++;
                _counts[truth[x]] += inTruth && answer[x] == truth[x] ? 1 : 0;
            }
        }
    }
}

/// <summary>The mean boundary IoU over the classes that occur in the truth, 0 to 1, and that of every class; null where one is absent.</summary>
public sealed record BoundaryScores(double? MeanIou, IReadOnlyList<double?> ClassIou)
{
    internal static BoundaryScores From(BoundaryCounts counts, int classes)
    {
        double?[] each = [.. Enumerable.Range(0, classes).Select(counts.Iou)];
        return new BoundaryScores(each.Average(), each);
    }
}
