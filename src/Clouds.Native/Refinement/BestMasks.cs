using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.Refinement;

/// <summary>The masks that a second pass starts from.</summary>
internal static class BestMasks
{
    /// <summary>Copies each prompt's best mask.</summary>
    /// <param name="logits">[prompts, 3, mask].</param>
    /// <param name="scores">[prompts, 3].</param>
    /// <param name="mask">Logits of a mask.</param>
    /// <param name="best">[prompts, mask], overwritten.</param>
    public static void Gather(ReadOnlySpan<float> logits, ReadOnlySpan<float> scores, int mask, Span<float> best)
    {
        int[] chosen = MaskMerge.Best(scores);
        for (int i = 0; i < chosen.Length; i++)
        {
            logits.Slice(((i * MaskMerge.Candidates) + chosen[i]) * mask, mask).CopyTo(best.Slice(i * mask, mask));
        }
    }
}

/// <summary>Asks for masks, and refuses scores that cannot be compared.</summary>
internal static class FiniteScores
{
    /// <summary>As <see cref="IEmbeddedImage.Predict"/>.</summary>
    /// <exception cref="CloudsException">Numeric: a score is not finite.</exception>
    public static void Predict(IEmbeddedImage image, MaskPrompts prompts, Span<float> logits, Span<float> scores, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        image.Predict(prompts, logits, scores, cancellation);
        Require(scores);
    }

    /// <summary>Refuses scores that are not finite.</summary>
    /// <exception cref="CloudsException">Numeric.</exception>
    public static void Require(ReadOnlySpan<float> scores)
    {
        foreach (float score in scores)
        {
            if (!float.IsFinite(score))
            {
                throw new CloudsException(Failure.Numeric, "the scores of masks are not finite", "mask predictor",
                    score.ToString(CultureInfo.InvariantCulture), "finite numbers", "check the weights of the network that makes the masks");
            }
        }
    }
}
