using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Training.Evaluation;

/// <summary>The 16 of the 19 classes that SYNTHIA knows (method.md section 6.3): all but terrain, truck and train.</summary>
public static class Synthia16
{
    private const ushort NoLabel = ushort.MaxValue;

    /// <summary>Train ids of the 16 classes.</summary>
    public static IReadOnlyList<int> Ids { get; } = [.. Enumerable.Range(0, 19).Except([9, 14, 16])];

    /// <summary>Whether a set's classes are the 19 of Cityscapes, so that the 16 are among them.</summary>
    public static bool AreIn(ClassSet classes) => classes.Names.SequenceEqual(ClassSet.Cityscapes.Names);

    /// <summary>The best of the 16 classes for every pixel, the lowest one on ties.</summary>
    /// <param name="scores">19 · height · width class scores.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
    internal static LabelMap Best(ReadOnlySpan<float> scores, int width, int height)
    {
        int pixels = width * height;
        ushort[] labels = new ushort[pixels];
        float[] best = new float[pixels];
        Array.Fill(best, float.NegativeInfinity);
        Array.Fill(labels, NoLabel);
        foreach (int id in Ids)
        {
            ReadOnlySpan<float> plane = scores.Slice(id * pixels, pixels);
            for (int i = 0; i < plane.Length; i++)
            {
                if (plane[i] > best[i])
                {
                    (best[i], labels[i]) = (plane[i], (ushort)id);
                }
            }
        }

        return new LabelMap(width, height, labels);
    }

    /// <summary>A label map whose pixels of the other three classes are ignored.</summary>
    internal static LabelMap WithoutOthers(LabelMap truth) =>
        new(truth.Width, truth.Height, [.. truth.Ids.Select(id => id is 9 or 14 or 16 ? LabelMap.Ignore : id)]);
}

/// <summary>The mean over the 16 classes of SYNTHIA that occur in the truth, 0 to 1; null where none does.</summary>
/// <param name="Mean">With answers among all 19 classes.</param>
/// <param name="Restricted">With answers among the 16 alone; null also where that was not computed.</param>
public sealed record Synthia16Scores(double? Mean, double? Restricted);
