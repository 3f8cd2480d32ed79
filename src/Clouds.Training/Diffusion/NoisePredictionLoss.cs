using Clouds.Graph.Building;
using Clouds.Models.Diffusion.Sampling;

namespace Clouds.Training.Diffusion;

/// <summary>Noised latents and what the denoiser should say of them.</summary>
/// <param name="Noisy">x_t, [N, c, h, w].</param>
/// <param name="Target">The noise, or v, of the same shape.</param>
public sealed record NoisyLatents(Value Noisy, Value Target);

/// <summary>
/// Diffusion's loss as graph nodes: latents are noised to a drawn time, and the squared error of what the denoiser says is the loss, alike for all times
/// (Ho et al. 2020, equations 4 and 14; for v Salimans and Ho 2022, section 4).
/// </summary>
/// <param name="schedule">How much is left at each time.</param>
/// <param name="prediction">What the denoiser says.</param>
public sealed class NoisePredictionLoss(NoiseSchedule schedule, Prediction prediction)
{
    // N images · c×h×w latents · ᾱ of their times
    /// <summary>x_t = sqrt(ᾱ) x + sqrt(1 - ᾱ) noise, and the target.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="latents">x, [N, c, h, w], scaled.</param>
    /// <param name="noise">The same shape, standard normal.</param>
    /// <param name="times">int64 [N], 0 .. times of training - 1.</param>
    public NoisyLatents Noise(GraphBuilder g, Value latents, Value noise, Value times)
    {
        Value signal = OfTimes(g, times, Math.Sqrt);                                                            // [N, 1, 1, 1]
        Value spread = OfTimes(g, times, left => Math.Sqrt(1 - left));                                          // [N, 1, 1, 1]
        Value noisy = g.Add(g.Mul(signal, latents), g.Mul(spread, noise));                                      // [N, c, h, w]
        Value target = prediction == Prediction.V ? g.Sub(g.Mul(signal, noise), g.Mul(spread, latents)) : noise;
        return new NoisyLatents(noisy, target);
    }

    /// <summary>Mean squared error of an answer, a scalar.</summary>
    public static Value Error(GraphBuilder g, Value answer, Value target) =>
        g.Mul(g.SumAll(g.Square(g.Sub(answer, target))), 1f / target.Shape.ElementCount);

    private Value OfTimes(GraphBuilder g, Value times, Func<double, double> of)
    {
        float[] table = [.. schedule.Cumulative.Select(left => (float)of(left))];
        return g.Reshape(g.Gather(g.Constant(table, table.Length), times), [times.Shape[0], 1, 1, 1]);
    }
}
