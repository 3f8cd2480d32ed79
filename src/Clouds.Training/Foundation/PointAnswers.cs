using Clouds.Native.Images;
using Clouds.Native.Sam;

namespace Clouds.Training.Foundation;

/// <summary>A mask that something answered points with.</summary>
/// <param name="Inside">Pixels of the image in raster order.</param>
/// <param name="Score">The overlap with the truth that it expects.</param>
/// <param name="Start">What the next prompt about the same thing may start from, as <see cref="MaskPrompt.Mask"/>; null: nothing.</param>
internal sealed record PointMask(bool[] Inside, float Score, float[]? Start);

/// <summary>What answers prompts about one image: Segment Anything, or a stand-in for it.</summary>
internal interface IPointAnswers
{
    /// <summary>Answers prompts that have equally many points.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="single">One mask each, instead of several to choose from.</param>
    /// <returns>Masks of each prompt, one at least.</returns>
    IReadOnlyList<IReadOnlyList<PointMask>> Answer(IReadOnlyList<MaskPrompt> prompts, bool single);
}

/// <summary>Segment Anything as it has seen an image.</summary>
internal sealed class SamAnswers(SegmentAnything sam, RgbImage image, CancellationToken cancellation) : IPointAnswers
{
    private readonly ImageEmbedding _embedding = sam.Embed(image, cancellation);

    public IReadOnlyList<IReadOnlyList<PointMask>> Answer(IReadOnlyList<MaskPrompt> prompts, bool single) =>
        [.. _embedding.Predict(prompts, single, cancellation).Select(answer => answer.Masks.Select(Of).ToArray())];

    private static PointMask Of(ObjectMask mask) => new(mask.ToPixels(), mask.Score, mask.LowResolution);
}
