using Clouds.Models.Diffusion.Sampling;

namespace Clouds.Verification.Golden.Modules;

/// <summary>A run of a <see cref="SamplingPlan"/> by plain loops over doubles, step by step.</summary>
/// <param name="start">The scaled start noise.</param>
internal sealed class SamplerRun(double[] start)
{
    private readonly List<double[]> _directions = [];
    private double[] _before = start;

    /// <summary>x as it is now.</summary>
    public double[] Sample { get; private set; } = start;

    /// <summary>a · x + b · m.</summary>
    public static double[] Apply(Mix mix, double[] sample, double[] output) =>
        [.. sample.Zip(output, (x, m) => (mix.Sample * x) + (mix.Output * m))];

    /// <summary>One step without noise.</summary>
    public void Step(SamplingStep step, double[] output)
    {
        double[] direction = Apply(step.Direction, Sample, output), from = step.Again ? _before : Sample;
        double[][] directions = [direction, .. _directions];
        double[] next = Array.ConvertAll(from, value => value * step.Keep);
        for (int j = 0; j < step.Weights.Count; j++)
        {
            next = [.. next.Zip(directions[j], (x, d) => x + (step.Weights[j] * d))];
        }

        if (step.Remembered)
        {
            _directions.Insert(0, direction);
        }

        (_before, Sample) = (Sample, next);
    }
}
