namespace Clouds.Models.Diffusion.Sampling;

/// <summary>
/// How much of an image is left at each time of training: x_t = sqrt(ᾱ_t) x + sqrt(1 - ᾱ_t) noise (Ho et al. 2020), with variances whose square roots grow
/// evenly ("scaled_linear" in diffusers; method.md section 5).
/// </summary>
public sealed class NoiseSchedule
{
    private readonly double[] _cumulative;
    private readonly double[] _sigmas;

    /// <summary>Makes the table.</summary>
    /// <param name="steps">Times of training. Stable Diffusion: 1000.</param>
    /// <param name="first">First variance. Stable Diffusion: 0.00085.</param>
    /// <param name="last">Last variance. Stable Diffusion: 0.012.</param>
    public NoiseSchedule(int steps = 1000, double first = 0.00085, double last = 0.012)
    {
        _cumulative = new double[steps];
        double product = 1;
        for (int t = 0; t < steps; t++)
        {
            double root = Math.Sqrt(first) + ((Math.Sqrt(last) - Math.Sqrt(first)) * t / Math.Max(1, steps - 1));
            _cumulative[t] = product *= 1 - (root * root);
        }

        _sigmas = Array.ConvertAll(_cumulative, cumulative => Math.Sqrt((1 - cumulative) / cumulative));
    }

    /// <summary>ᾱ of every time.</summary>
    public IReadOnlyList<double> Cumulative => _cumulative;

    /// <summary>Times of training.</summary>
    public int Steps => _cumulative.Length;

    /// <summary>Noise over image, sqrt((1 - ᾱ) / ᾱ), at a time between the table's, which it is interpolated from.</summary>
    public double Sigma(double time)
    {
        int below = (int)Math.Clamp(Math.Floor(time), 0, Steps - 1);
        int above = Math.Min(below + 1, Steps - 1);
        return _sigmas[below] + ((time - below) * (_sigmas[above] - _sigmas[below]));
    }

    /// <summary>The time of a sigma, interpolated between logarithms of the table's; within the table's times.</summary>
    public double Time(double sigma)
    {
        int below = Array.FindLastIndex(_sigmas, known => known <= sigma);
        below = Math.Clamp(below, 0, Steps - 2);
        double low = Math.Log(_sigmas[below]), high = Math.Log(_sigmas[below + 1]);
        return below + Math.Clamp((Math.Log(sigma) - low) / (high - low), 0, 1);
    }
}
