using Clouds.Graph.Settings;
using Clouds.Models.Diffusion;
using Clouds.Models.Diffusion.Sampling;
using Clouds.Training.SourceTraining;

namespace Clouds.Training.Diffusion;

/// <summary>
/// Training of a latent diffusion's denoiser on captioned images (Rombach et al. 2022), from scratch or from a file. Autoencoder and text encoder are frozen.
/// </summary>
public sealed record DiffusionTrainingConfig
{
    /// <summary>Sizes of the denoiser.</summary>
    public UNetConfig Network { get; init; } = new();

    /// <summary>Weight file of a whole denoiser of these sizes that a new run starts from; empty: random start values.</summary>
    [Setting(Source = "ours")]
    public string From { get; init; } = "";

    /// <summary>Sizes of the autoencoder, and the scale of its latents.</summary>
    public AutoencoderConfig Autoencoder { get; init; } = new();

    /// <summary>Weight file of the autoencoder.</summary>
    [Setting(Source = "ours")]
    public string AutoencoderWeights { get; init; } = "";

    /// <summary>Sizes of the text encoder.</summary>
    public TextEncoderConfig Text { get; init; } = new();

    /// <summary>Weight file of the text encoder.</summary>
    [Setting(Source = "ours")]
    public string TextWeights { get; init; } = "";

    /// <summary>Vocabulary of the captions, as <see cref="Clouds.Native.Tokenizers.ClipTokenizer.Load"/> takes it; empty: CLIP's.</summary>
    [Setting(Source = "ours")]
    public string Vocabulary { get; init; } = "";

    /// <summary>Columns of the images, a multiple of the autoencoder's stride that the denoiser can halve.</summary>
    [Setting(Unit = "pixels", Min = 1, Source = "Stable Diffusion 1: 512")]
    public int Width { get; init; } = 512;

    /// <summary>Rows of the images.</summary>
    [Setting(Unit = "pixels", Min = 1, Source = "Stable Diffusion 1: 512")]
    public int Height { get; init; } = 512;

    /// <summary>What the denoiser learns to tell.</summary>
    [Setting(Source = "Ho et al. 2020, equation 14: the noise; Salimans and Ho 2022: v")]
    public Prediction Prediction { get; init; }

    /// <summary>Times of training.</summary>
    [Setting(Min = 2, Source = "Ho et al. 2020: 1000")]
    public int Times { get; init; } = 1000;

    /// <summary>Variance of the first time's noise.</summary>
    [Setting(Min = 0, Max = 1, Source = "Stable Diffusion 1: 0.00085")]
    public double FirstVariance { get; init; } = 0.00085;

    /// <summary>Variance of the last time's noise.</summary>
    [Setting(Min = 0, Max = 1, Source = "Stable Diffusion 1: 0.012")]
    public double LastVariance { get; init; } = 0.012;

    /// <summary>Share of the captions that are left out, so that guidance has something to point away from.</summary>
    [Setting(Min = 0, Max = 1, Source = "Ho and Salimans 2022: 0.1 to 0.2; Stable Diffusion 1: 0.1")]
    public double DropCaption { get; init; } = 0.1;

    /// <summary>Momentum of the moving average of the weights, which then is the model; 0: the weights themselves are.</summary>
    [Setting(Min = 0, Max = 1, Source = "Ho et al. 2020, appendix B: 0.9999")]
    public double Average { get; init; } = 0.9999;

    /// <summary>Most memory for what the autoencoder has said of images; what does not fit is encoded each time it is seen.</summary>
    [Setting(Unit = "MiB", Min = 0, Source = "ours")]
    public int KeptLatents { get; init; } = 1024;

    /// <summary>Optimiser steps.</summary>
    [Setting(Unit = "steps", Min = 1, Source = "ours")]
    public long Steps { get; init; } = 100_000;

    /// <summary>Images a step.</summary>
    [Setting(Unit = "images", Min = 1, Source = "ours; Stable Diffusion 1: 2048 on as many parts of GPUs")]
    public int Batch { get; init; } = 16;

    /// <summary>Optimiser.</summary>
    public OptimizerConfig Optimizer { get; init; } = new() { LearningRate = 1e-4, WeightDecay = 0.01, ClipNorm = 1, WarmupSteps = 500 };

    /// <summary>Seed of every random draw.</summary>
    [Setting(Min = 0, Source = "ours")]
    public long Seed { get; init; } = 1;

    /// <summary>Steps between two checkpoints.</summary>
    [Setting(Unit = "steps", Min = 1, Source = "ours")]
    public int CheckpointEvery { get; init; } = 500;
}
