namespace Clouds.Models.Diffusion.Sampling;

/// <summary>What the network predicts.</summary>
public enum Prediction
{
    /// <summary>The noise.</summary>
    Epsilon,

    /// <summary>v = sqrt(ᾱ) noise - sqrt(1 - ᾱ) image (Salimans and Ho 2022).</summary>
    V,
}

/// <summary>Which times of training a run visits.</summary>
public enum TimeSpacing
{
    /// <summary>Evenly from the last to the first.</summary>
    Linspace,

    /// <summary>Multiples of the whole number of times that a step is long, and an offset.</summary>
    Leading,

    /// <summary>The last time, and back from it in steps of equal length.</summary>
    Trailing,
}

/// <summary>The rule by which a run goes from noise to an image.</summary>
public enum SamplerKind
{
    /// <summary>Euler's rule in sigma (Karras et al. 2022): CLOUDS' own.</summary>
    Euler,

    /// <summary>The same with fresh noise in each step.</summary>
    EulerAncestral,

    /// <summary>Denoising diffusion implicit models (Song et al. 2021), without noise.</summary>
    Ddim,

    /// <summary>Pseudo linear multi-steps (Liu et al. 2022): Stable Diffusion 1.5's own.</summary>
    Pndm,

    /// <summary>DPM-Solver++ of second order, multi-step (Lu et al. 2022).</summary>
    DpmSolver,
}

/// <summary>How images are sampled; the members are those of diffusers' scheduler_config.json.</summary>
public sealed record SamplerConfig
{
    /// <summary>The rule.</summary>
    public SamplerKind Kind { get; init; } = SamplerKind.Euler;

    /// <summary>What the network predicts. SD 1.5 and 2-base: epsilon; SD 2 (768): v.</summary>
    public Prediction Prediction { get; init; } = Prediction.Epsilon;

    /// <summary>Times of a run; null: the rule's own in diffusers (leading for DDIM and PNDM, linspace for the others).</summary>
    public TimeSpacing? Spacing { get; init; }

    /// <summary>Added to times spaced <see cref="TimeSpacing.Leading"/>. Stable Diffusion: 1.</summary>
    public int StepsOffset { get; init; } = 1;

    /// <summary>Whether the end of DDIM and PNDM is the clean image, not the first time of training. Stable Diffusion: no.</summary>
    public bool SetAlphaToOne { get; init; }

    /// <summary>Whether sigmas are spaced as Karras et al. do (equation 5, rho 7); for Euler and DPM-Solver++.</summary>
    public bool KarrasSigmas { get; init; }

    /// <summary>The noise that the network was trained on.</summary>
    public NoiseSchedule Noise { get; init; } = new();

    /// <summary>The plan of a run.</summary>
    /// <param name="steps">Steps, at least 1 and at most the times of training.</param>
    /// <param name="skipped">Steps at its beginning that an image makes needless, fewer than there are; the rules begin where they are over.</param>
    public SamplingPlan Plan(int steps, int skipped = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, Noise.Steps);
        ArgumentOutOfRangeException.ThrowIfNegative(skipped);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(skipped, steps);
        return Kind switch
        {
            SamplerKind.Euler => EulerSampler.Plan(this, steps, skipped, ancestral: false),
            SamplerKind.EulerAncestral => EulerSampler.Plan(this, steps, skipped, ancestral: true),
            SamplerKind.Ddim => DdimSampler.Plan(this, steps, skipped),
            SamplerKind.Pndm => PndmSampler.Plan(this, steps, skipped),
            _ => DpmSolverSampler.Plan(this, steps, skipped),
        };
    }
}
