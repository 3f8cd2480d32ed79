namespace Clouds.Models.Diffusion.Sampling;

/// <summary>
/// Euler's rule on the image with its noise added, x = image + sigma · noise (Karras et al. 2022; k-diffusion; method.md section 5): each step goes along
/// (x - image) / sigma to the next sigma; the ancestral rule goes further down and adds noise again.
/// </summary>
internal static class EulerSampler
{
    public static SamplingPlan Plan(SamplerConfig config, int steps, int skipped, bool ancestral)
    {
        double[] times = SampleTimes.Of(config, steps, TimeSpacing.Linspace, whole: false);
        double[] sigmas = Array.ConvertAll(times, config.Noise.Sigma);
        if (config.KarrasSigmas)
        {
            sigmas = SampleTimes.Karras(sigmas[0], sigmas[^1], steps);
            times = Array.ConvertAll(sigmas, config.Noise.Time);
        }

        (times, sigmas) = (times[skipped..], [.. sigmas[skipped..], 0]);
        bool full = (config.Spacing ?? TimeSpacing.Linspace) != TimeSpacing.Leading;
        double start = full ? sigmas[0] : Math.Sqrt((sigmas[0] * sigmas[0]) + 1);
        SamplingStep[] plan = [.. times.Select((time, i) => Step(config.Prediction, time, sigmas[i], sigmas[i + 1], ancestral))];
        return new SamplingPlan(start, plan, sigmas) { Onto = new Mix(1, sigmas[0]) };
    }

    private static SamplingStep Step(Prediction prediction, double time, double from, double to, bool ancestral)
    {
        double squared = (from * from) + 1;
        Mix clean = prediction == Prediction.Epsilon ? new Mix(1, -from) : new Mix(1 / squared, -from / Math.Sqrt(squared));
        Mix slope = new((1 - clean.Sample) / from, -clean.Output / from);
        double noise = ancestral ? to * Math.Sqrt(Math.Max(0, (from * from) - (to * to))) / from : 0;
        double down = Math.Sqrt((to * to) - (noise * noise));
        return new SamplingStep(time, 1 / Math.Sqrt(squared), clean, slope, Keep: 1, [down - from]) { Noise = noise };
    }
}
