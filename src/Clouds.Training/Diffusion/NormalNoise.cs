using Clouds.Graph.Randomness;

namespace Clouds.Training.Diffusion;

/// <summary>Noise of the standard normal distribution.</summary>
internal static class NormalNoise
{
    /// <summary>Fills memory with the next draws of a stream.</summary>
    public static void Fill(Span<float> noise, RandomStream random)
    {
        for (int i = 0; i < noise.Length; i++)
        {
            noise[i] = (float)random.NextNormal();
        }
    }
}
