using Clouds.Graph.Randomness;

namespace Clouds.Native.Generation.Painting;

/// <summary>
/// The unit noise of an image: a function of its seed, the step that it is for and the element's index, whoever asks, on however many threads, and whatever
/// else is painted.
/// </summary>
internal static class LatentNoise
{
    /// <summary>The step of the noise that an image begins as.</summary>
    public const int Start = 0;

    /// <summary>The step of the noise that a start image's latents are drawn with.</summary>
    public const int Encoded = -1;

    /// <summary>Fills a latent image.</summary>
    /// <param name="noise">The latents, channel by channel.</param>
    /// <param name="seed">The image's.</param>
    /// <param name="step"><see cref="Start"/>, <see cref="Encoded"/>, or the number of a call of the denoiser, from 1.</param>
    /// <param name="scale">What it is multiplied with.</param>
    public static void Fill(Span<float> noise, long seed, int step, double scale = 1)
    {
        RandomStream stream = new(unchecked((ulong)seed), "latents", step);
        for (int i = 0; i < noise.Length; i++)
        {
            noise[i] = (float)(scale * (float)stream.NextNormal());
        }
    }
}
