namespace Clouds.Models.Diffusion.Sampling;

/// <summary>a · x + b · m: a number times the latent image and a number times what the network predicts for it.</summary>
/// <param name="Sample">a.</param>
/// <param name="Output">b.</param>
public readonly record struct Mix(double Sample, double Output);

/// <summary>
/// One call of the network and what follows from it. All samplers are linear in what they know, so a step is a few numbers:
/// d = <see cref="Direction"/> of x and the network's m, and then
/// x' = <see cref="Keep"/> · x + Σ <see cref="Weights"/>[j] · d(j calls ago) + <see cref="Noise"/> · noise.
/// </summary>
/// <param name="Time">What the network is told, in times of training.</param>
/// <param name="InputScale">What x is multiplied with for the network.</param>
/// <param name="Clean">The image without noise that x and m stand for, from x and m.</param>
/// <param name="Direction">d, which later steps may use again.</param>
/// <param name="Keep">Factor of x.</param>
/// <param name="Weights">Factors of directions, this call's first, then those remembered, the latest first; at most four.</param>
public sealed record SamplingStep(double Time, double InputScale, Mix Clean, Mix Direction, double Keep, IReadOnlyList<double> Weights)
{
    /// <summary>Factor of fresh unit noise.</summary>
    public double Noise { get; init; }

    /// <summary>Whether x is the latent image from before the last step: the step is the last one again, with a better direction.</summary>
    public bool Again { get; init; }

    /// <summary>Whether later steps remember d.</summary>
    public bool Remembered { get; init; } = true;
}

/// <summary>A run from noise to an image: what the start noise is multiplied with, and its steps.</summary>
/// <param name="Start">Factor of the unit noise.</param>
/// <param name="Steps">Calls of the network, in their order.</param>
/// <param name="Sigmas">Noise over image before each step and after the last, where the rule works on it; otherwise empty.</param>
public sealed record SamplingPlan(double Start, IReadOnlyList<SamplingStep> Steps, IReadOnlyList<double> Sigmas)
{
    /// <summary>Factors of an image and of unit noise, whose sum is where the plan begins when it begins on an image.</summary>
    public Mix Onto { get; init; }
}
