using Clouds.Graph.Settings;
using Clouds.Models.Diffusion;
using Clouds.Training.SourceTraining;

namespace Clouds.Training.Diffusion;

/// <summary>Training of a latent diffusion's autoencoder (Rombach et al. 2022, section 3.1 and appendix G), from scratch or from a file.</summary>
public sealed record AutoencoderTrainingConfig
{
    /// <summary>Sizes of the network; its scale is measured when it is written, and taken from here where the encoder stays: as beside its file.</summary>
    public AutoencoderConfig Network { get; init; } = new();

    /// <summary>Weight file of a whole autoencoder of these sizes that a new run starts from; empty: random start values.</summary>
    [Setting(Source = "ours")]
    public string From { get; init; } = "";

    /// <summary>
    /// Whether the encoder is trained too. Where it is not, its latents stay what they are, and a denoiser that has learned them fits the new decoder.
    /// </summary>
    [Setting(Source = "Rombach et al. 2022: trained; Stability AI's sd-vae-ft-mse: the decoder alone")]
    public bool TrainEncoder { get; init; } = true;

    /// <summary>Columns of the crops that it learns from, a multiple of the stride.</summary>
    [Setting(Unit = "pixels", Min = 1, Source = "Rombach et al. 2022: 256")]
    public int Width { get; init; } = 256;

    /// <summary>Rows of the crops, a multiple of the stride.</summary>
    [Setting(Unit = "pixels", Min = 1, Source = "Rombach et al. 2022: 256")]
    public int Height { get; init; } = 256;

    /// <summary>Weight of the mean absolute error.</summary>
    [Setting(Min = 0, Source = "Rombach et al. 2022, code: 1")]
    public double AbsoluteWeight { get; init; } = 1;

    /// <summary>Weight of the mean squared error.</summary>
    [Setting(Min = 0, Source = "ours: 0; Rombach et al. 2022 have a perceptual and an adversarial term instead, which want networks of their own")]
    public double SquareWeight { get; init; }

    /// <summary>Weight of the mean absolute error of the differences between neighbouring pixels: edges.</summary>
    [Setting(Min = 0, Source = "ours: 0; in the place of a perceptual term where borders have to be sharp")]
    public double EdgeWeight { get; init; }

    /// <summary>Weight of the divergence from the normal distribution, summed over an image's latents, over the number of the image's values.</summary>
    [Setting(Min = 0, Source = "Rombach et al. 2022, appendix G: about 1e-6")]
    public double DivergenceWeight { get; init; } = 1e-6;

    /// <summary>Share of the crops that are seen mirrored.</summary>
    [Setting(Min = 0, Max = 1, Source = "ours")]
    public double FlipShare { get; init; } = 0.5;

    /// <summary>Optimiser steps.</summary>
    [Setting(Unit = "steps", Min = 1, Source = "ours")]
    public long Steps { get; init; } = 100_000;

    /// <summary>Images a step.</summary>
    [Setting(Unit = "images", Min = 1, Source = "Rombach et al. 2022, code: 12 a GPU")]
    public int Batch { get; init; } = 12;

    /// <summary>Optimiser.</summary>
    public OptimizerConfig Optimizer { get; init; } = new() { LearningRate = 4.5e-4, WeightDecay = 0, ClipNorm = 1, WarmupSteps = 100 };

    /// <summary>AdamW's memory of gradients.</summary>
    [Setting(Min = 0, Max = 1, Source = "Rombach et al. 2022, code: 0.5, for the sake of its adversary; ours has none")]
    public double Beta1 { get; init; } = 0.9;

    /// <summary>AdamW's memory of their squares.</summary>
    [Setting(Min = 0, Max = 1, Source = "ours: 0.99; Rombach et al. 2022, code: 0.9")]
    public double Beta2 { get; init; } = 0.99;

    /// <summary>Seed of every random draw.</summary>
    [Setting(Min = 0, Source = "ours")]
    public long Seed { get; init; } = 1;

    /// <summary>Steps between two checkpoints.</summary>
    [Setting(Unit = "steps", Min = 1, Source = "ours")]
    public int CheckpointEvery { get; init; } = 500;
}
