namespace Clouds.Models.Diffusion.Sampling;

/// <summary>A sampling plan as numbers, a row a call of the denoiser: what <see cref="StepGraph"/> reads of each.</summary>
public static class StepTable
{
    /// <summary>Numbers of a row, padded to what kernels like of addresses.</summary>
    public const int Width = 16;

    // Places in a row; factors of directions stand at the end.
    internal const int Time = 0, InputScale = 1, Guidance = 2, OfSample = 3, OfOutput = 4, Keep = 5, Noise = 6, Weights = 7;

    /// <summary>The table of a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="guidance">Factor of guidance.</param>
    /// <returns>Row by row.</returns>
    public static float[] Of(SamplingPlan plan, double guidance)
    {
        float[] table = new float[plan.Steps.Count * Width];
        for (int i = 0; i < plan.Steps.Count; i++)
        {
            Write(plan.Steps[i], guidance, table.AsSpan(i * Width, Width));
        }

        return table;
    }

    /// <summary>Directions that a plan remembers from calls before.</summary>
    public static int History(SamplingPlan plan) => plan.Steps.Max(step => step.Weights.Count) - 1;

    /// <summary>Whether a plan adds fresh noise.</summary>
    public static bool IsNoisy(SamplingPlan plan) => plan.Steps.Any(step => step.Noise != 0);

    private static void Write(SamplingStep step, double guidance, Span<float> row)
    {
        row[Time] = (float)step.Time;
        row[InputScale] = (float)step.InputScale;
        row[Guidance] = (float)guidance;
        (row[OfSample], row[OfOutput]) = ((float)step.Direction.Sample, (float)step.Direction.Output);
        (row[Keep], row[Noise]) = ((float)step.Keep, (float)step.Noise);
        for (int j = 0; j < step.Weights.Count; j++)
        {
            row[Weights + j] = (float)step.Weights[j];
        }
    }
}
