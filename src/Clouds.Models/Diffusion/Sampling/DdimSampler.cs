namespace Clouds.Models.Diffusion.Sampling;

/// <summary>Song et al. 2021, equation 12 with sigma 0: the image that x stands for, with the same noise at an earlier time.</summary>
internal static class DdimSampler
{
    public static SamplingPlan Plan(SamplerConfig config, int steps, int skipped)
    {
        double[] times = SampleTimes.Of(config, steps, TimeSpacing.Leading, whole: true)[skipped..];
        int stride = config.Noise.Steps / steps;
        return new SamplingPlan(1, [.. times.Select(time => Step(config, time, (int)time - stride))], []) { Onto = Noisy(config, (int)times[0]) };
    }

    private static SamplingStep Step(SamplerConfig config, double time, int next)
    {
        double image = Math.Sqrt(config.Noise.Cumulative[(int)time]), noise = Math.Sqrt(1 - config.Noise.Cumulative[(int)time]);
        double left = Left(config, next);
        Mix direction = config.Prediction == Prediction.Epsilon ? new Mix(0, 1) : new Mix(noise, image);

        // sqrt(ᾱ') image + sqrt(1 - ᾱ') noise, where the image is (x - sqrt(1 - ᾱ) noise) / sqrt(ᾱ).
        double keep = Math.Sqrt(left) / image;
        return new SamplingStep(time, 1, Clean(config, (int)time), direction, keep, [Math.Sqrt(1 - left) - (keep * noise)]);
    }

    /// <summary>The image that x stands for at a time, where its squares and those of the noise sum to one.</summary>
    internal static Mix Clean(SamplerConfig config, int time)
    {
        double image = Math.Sqrt(config.Noise.Cumulative[time]), noise = Math.Sqrt(1 - config.Noise.Cumulative[time]);
        return config.Prediction == Prediction.Epsilon ? new Mix(1 / image, -noise / image) : new Mix(image, -noise);
    }

    /// <summary>What an image and unit noise are multiplied with at a time.</summary>
    internal static Mix Noisy(SamplerConfig config, int time) =>
        new(Math.Sqrt(config.Noise.Cumulative[time]), Math.Sqrt(1 - config.Noise.Cumulative[time]));

    /// <summary>ᾱ at a time that may lie before the first.</summary>
    internal static double Left(SamplerConfig config, int time) =>
        time >= 0 ? config.Noise.Cumulative[time] : config.SetAlphaToOne ? 1 : config.Noise.Cumulative[0];
}
