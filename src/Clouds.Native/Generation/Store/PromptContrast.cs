using Clouds.Native.Generation.Prompts;
using Clouds.Native.Images;

namespace Clouds.Native.Generation.Store;

/// <summary>Holds images against their own prompt and against all others of a store.</summary>
internal sealed class PromptContrast
{
    private readonly ClipScorer _clip;
    private readonly float[][] _texts;

    /// <param name="clip">Who looks.</param>
    /// <param name="prompts">The store's; each is embedded once, and those that the CLIP cannot tell apart count as one.</param>
    /// <param name="stop">Ends it.</param>
    public PromptContrast(ClipScorer clip, IEnumerable<Prompt> prompts, CancellationToken stop) =>
        (_clip, _texts) = (clip, [.. prompts.Select(prompt => clip.Embed(prompt.Text, stop)).Distinct()]);

    /// <summary>The score of an image.</summary>
    public ImageScore Score(StoredImage stored, RgbImage image, CancellationToken stop)
    {
        (float[] seen, float[] own) = (_clip.Embed(image, stop), _clip.Embed(stored.Prompt, stop));
        double[] others = [.. _texts.Where(text => text != own).Select(text => ClipScorer.Cosine(seen, text))];
        return new ImageScore(
            stored.File, StoreScores.Rounded(ClipScorer.Cosine(seen, own)), others.Length == 0 ? null : StoreScores.Rounded(others.Average()));
    }
}
