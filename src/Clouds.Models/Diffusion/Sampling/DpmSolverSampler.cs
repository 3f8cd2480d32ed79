namespace Clouds.Models.Diffusion.Sampling;

/// <summary>
/// DPM-Solver++(2M) (Lu et al. 2022, algorithm 2, midpoint form): steps in half the logarithm of signal over noise, along the clean images of this call and the
/// one before. The first step knows one image only, and the last has no noise to go to, so both are of first order, as is what comes behind
/// a step that went nowhere: of as many steps as there are times two have one time.
/// </summary>
internal static class DpmSolverSampler
{
    public static SamplingPlan Plan(SamplerConfig config, int steps, int skipped)
    {
        double[] times = SampleTimes.OfDpmSolver(config, steps);
        double[] sigmas = Array.ConvertAll(times, config.Noise.Sigma);
        if (config.KarrasSigmas)
        {
            sigmas = SampleTimes.Karras(config.Noise.Sigma(config.Noise.Steps - 1), config.Noise.Sigma(0), steps);
            times = Array.ConvertAll(sigmas, sigma => Math.Round(config.Noise.Time(sigma), MidpointRounding.ToEven));
        }

        (times, sigmas) = (times[skipped..], [.. sigmas[skipped..], 0]);
        (double image, double noise) = Parts(sigmas[0]);
        return new SamplingPlan(1, [.. times.Select((time, i) => Step(config.Prediction, time, sigmas, i))], sigmas) { Onto = new Mix(image, noise) };
    }

    private static SamplingStep Step(Prediction prediction, double time, double[] sigmas, int i)
    {
        (double image, double noise) = Parts(sigmas[i]);
        (double nextImage, double nextNoise) = Parts(sigmas[i + 1]);
        Mix clean = prediction == Prediction.Epsilon ? new Mix(1 / image, -noise / image) : new Mix(image, -noise);
        double along = nextImage * (1 - (sigmas[i + 1] / sigmas[i]));
        double[] weights = [along];
        if (i > 0 && sigmas[i + 1] > 0 && sigmas[i - 1] > sigmas[i] && sigmas[i] > sigmas[i + 1])
        {
            double ratio = Math.Log(sigmas[i - 1] / sigmas[i]) / Math.Log(sigmas[i] / sigmas[i + 1]);
            weights = [along * (1 + (1 / (2 * ratio))), -along / (2 * ratio)];
        }

        return new SamplingStep(time, 1, clean, clean, nextNoise / noise, weights);
    }

    // x = image · clean + noise · unit noise, with squares that sum to one.
    private static (double Image, double Noise) Parts(double sigma)
    {
        double image = 1 / Math.Sqrt((sigma * sigma) + 1);
        return (image, sigma * image);
    }
}
