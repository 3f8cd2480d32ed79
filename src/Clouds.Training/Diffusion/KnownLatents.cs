using System.Collections.Concurrent;

namespace Clouds.Training.Diffusion;

/// <summary>What the autoencoder has said of images, for as many as there is room.</summary>
/// <param name="values">Latents of an image.</param>
/// <param name="room">Bytes.</param>
internal sealed class KnownLatents(int values, long room)
{
    private readonly ConcurrentDictionary<int, Moments> _known = new();
    private readonly long _most = room / (2L * sizeof(float) * values);

    /// <summary>What is known of an image; null: nothing.</summary>
    public Moments? Find(int image) => _known.GetValueOrDefault(image);

    /// <summary>Keeps what was said of an image where it is one of the first, that there is room for: which are kept does not depend on the order.</summary>
    public void Keep(int image, Moments moments)
    {
        if (image < _most)
        {
            _known[image] = moments;
        }
    }

    /// <summary>A normal distribution of latents.</summary>
    /// <param name="Mean">Means.</param>
    /// <param name="LogVariance">Logarithms of the variances.</param>
    public sealed record Moments(float[] Mean, float[] LogVariance);
}
