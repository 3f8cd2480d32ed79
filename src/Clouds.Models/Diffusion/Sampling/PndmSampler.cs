namespace Clouds.Models.Diffusion.Sampling;

/// <summary>
/// Pseudo linear multi-steps (Liu et al. 2022, equations 11 and 12) without the Runge-Kutta start: the first step is done twice, the second time along the mean
/// of both predictions; then up to four predictions are weighed as Adams and Bashforth do.
/// </summary>
internal static class PndmSampler
{
    private static readonly double[][] Bashforth =
    [
        [1], [3 / 2.0, -1 / 2.0], [23 / 12.0, -16 / 12.0, 5 / 12.0], [55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0],
    ];

    public static SamplingPlan Plan(SamplerConfig config, int steps, int skipped)
    {
        double[] times = SampleTimes.Of(config, steps, TimeSpacing.Leading, whole: true)[skipped..];
        int stride = config.Noise.Steps / steps;
        List<SamplingStep> plan = [Step(config, times[0], times[0], times[0] - stride, Bashforth[0])];
        if (times.Length > 1)
        {
            double from = Math.Min(times[1] + stride, config.Noise.Steps - 1);
            plan.Add(Step(config, times[1], from, times[1], [0.5, 0.5]) with { Again = true, Remembered = false });
        }

        plan.AddRange(times.Skip(1).Select((time, i) => Step(config, time, time, time - stride, Bashforth[Math.Min(i + 1, 3)])));
        return new SamplingPlan(1, plan, []) { Onto = DdimSampler.Noisy(config, (int)times[0]) };
    }

    // What the network was told is one thing, where the step starts another.
    private static SamplingStep Step(SamplerConfig config, double told, double from, double to, double[] weights)
    {
        double image = config.Noise.Cumulative[(int)from], next = DdimSampler.Left(config, (int)to);
        double keep = Math.Sqrt(next / image);
        double along = (image - next) / ((image * Math.Sqrt(1 - next)) + Math.Sqrt(image * (1 - image) * next));
        if (config.Prediction == Prediction.V)
        {
            keep += along * Math.Sqrt(1 - image);
            along *= Math.Sqrt(image);
        }

        Mix clean = DdimSampler.Clean(config, (int)told);
        return new SamplingStep(told, 1, clean, new Mix(0, 1), keep, Array.ConvertAll(weights, weight => weight * along));
    }
}
