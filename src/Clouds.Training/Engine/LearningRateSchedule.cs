namespace Clouds.Training.Engine;

/// <summary>How the learning rate moves over the run.</summary>
public enum ScheduleKind
{
    /// <summary>It stays. Reference code for GTA and Cityscapes.</summary>
    Constant,

    /// <summary>(1 - t/T) to a power. Reference code for SYNTHIA, and Mask2Former.</summary>
    Poly,
}

/// <summary>Learning-rate schedule (method.md section 3.1; detectron2's warm-up).</summary>
/// <param name="Kind">Constant or poly.</param>
/// <param name="Steps">T, steps of the whole run.</param>
/// <param name="Power">Exponent of poly. Mask2Former: 0.9.</param>
/// <param name="WarmupSteps">Steps over which a factor rises linearly from <paramref name="WarmupFactor"/> to 1.</param>
/// <param name="WarmupFactor">Factor at the first step.</param>
public sealed record LearningRateSchedule(ScheduleKind Kind, long Steps, double Power = 0.9, long WarmupSteps = 0, double WarmupFactor = 0.001)
{
    /// <summary>The base learning rate, all the time.</summary>
    public static LearningRateSchedule Constant { get; } = new(ScheduleKind.Constant, Steps: 1);

    /// <summary>What the base learning rate is multiplied with at a step, counted from 0.</summary>
    public double Factor(long step)
    {
        double decay = Kind == ScheduleKind.Poly ? Math.Pow(1 - ((double)step / Steps), Power) : 1;
        double progress = WarmupSteps == 0 ? 1 : Math.Min(1, (double)step / WarmupSteps);
        return decay * (WarmupFactor + ((1 - WarmupFactor) * progress));
    }
}
