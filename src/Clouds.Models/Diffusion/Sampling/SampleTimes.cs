namespace Clouds.Models.Diffusion.Sampling;

/// <summary>The times of training that a run visits, as diffusers rounds them.</summary>
internal static class SampleTimes
{
    private const double Rho = 7;

    /// <summary>Times from the noisiest on.</summary>
    /// <param name="config">Spacing and offset.</param>
    /// <param name="steps">How many.</param>
    /// <param name="usual">Spacing where the configuration names none.</param>
    /// <param name="whole">Whether evenly spaced times are rounded.</param>
    public static double[] Of(SamplerConfig config, int steps, TimeSpacing usual, bool whole) => (config.Spacing ?? usual) switch
    {
        TimeSpacing.Linspace => [.. Enumerable.Range(0, steps).Select(i => Linspace(config.Noise.Steps - 1, steps, steps - 1 - i, whole))],
        TimeSpacing.Leading => Leading(config, steps, steps),
        _ => Trailing(config.Noise.Steps, steps),
    };

    /// <summary>Times of DPM-Solver++, which spaces one more than it visits.</summary>
    public static double[] OfDpmSolver(SamplerConfig config, int steps) => (config.Spacing ?? TimeSpacing.Linspace) switch
    {
        TimeSpacing.Linspace => [.. Enumerable.Range(0, steps).Select(i => Linspace(config.Noise.Steps - 1, steps + 1, steps - i, whole: true))],
        TimeSpacing.Leading => Leading(config, steps, steps + 1),
        _ => Trailing(config.Noise.Steps, steps),
    };

    /// <summary>Sigmas between two, spaced by their seventh roots (Karras et al. 2022, equation 5).</summary>
    public static double[] Karras(double highest, double lowest, int steps)
    {
        double high = Math.Pow(highest, 1 / Rho), low = Math.Pow(lowest, 1 / Rho);
        return [.. Enumerable.Range(0, steps).Select(i => Math.Pow(high + (i * (low - high) / Math.Max(1, steps - 1)), Rho))];
    }

    private static double Linspace(double last, int count, int i, bool whole)
    {
        double time = count == 1 ? 0 : last * i / (count - 1);
        return whole ? Math.Round(time, MidpointRounding.ToEven) : time;
    }

    // Of as many steps as there are times the offset leads beyond the last one, where diffusers fails: it counts twice.
    private static double[] Leading(SamplerConfig config, int steps, int spaced)
    {
        double stride = Math.Max(1, config.Noise.Steps / spaced);
        return [.. Enumerable.Range(1, steps).Select(i => Math.Min(((spaced - i) * stride) + config.StepsOffset, config.Noise.Steps - 1))];
    }

    private static double[] Trailing(int all, int steps) =>
        [.. Enumerable.Range(0, steps).Select(i => Math.Round(all - (i * ((double)all / steps)), MidpointRounding.ToEven) - 1)];
}
