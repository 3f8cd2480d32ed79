using Clouds.Diagnostics;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.Segmentation;

/// <summary>Refuses what a network computed where it is infinite or no number: labels made of it look like any others.</summary>
internal static class FiniteAnswer
{
    /// <summary>Refuses class logits of which one is not finite.</summary>
    /// <exception cref="CloudsException">Numeric.</exception>
    public static void RequireLogits(ReadOnlySpan<float> classLogits, int width, int height)
    {
        int wrong = 0;
        foreach (float logit in classLogits)
        {
            wrong += float.IsFinite(logit) ? 0 : 1;
        }

        Require(wrong, classLogits.Length, "numbers", InferenceGraph.ClassLogits, width, height);
    }

    /// <summary>Refuses labels of which one was made of scores that are not finite.</summary>
    /// <param name="labels">Labels of semantic inference, <see cref="SemanticInference.NoLabel"/> among them.</param>
    /// <param name="output">What they were made of.</param>
    /// <param name="width">Pixels a row of the image.</param>
    /// <param name="height">Rows.</param>
    /// <exception cref="CloudsException">Numeric.</exception>
    public static void RequireLabels(ReadOnlySpan<ushort> labels, string output, int width, int height)
        => Require(labels.Count(SemanticInference.NoLabel), labels.Length, "pixels", output, width, height);

    private static void Require(int wrong, int of, string unit, string output, int width, int height)
    {
        if (wrong > 0)
        {
            throw new CloudsException(
                Failure.Numeric,
                "the network's answer is not finite",
                $"output {output}, image of {width} x {height} pixels",
                $"NaN or infinity for {wrong} of {of} {unit}",
                next: "the model's numbers overflow: take an earlier checkpoint, or train again with a smaller learning rate");
        }
    }
}
