using Clouds.Graph.Settings;
using Clouds.Models.Clip;
using Clouds.Models.Encoders;
using Clouds.Training.SourceTraining;

namespace Clouds.Training.Contrastive;

/// <summary>Training of a CLIP with a ConvNeXt on captioned images (Radford et al. 2021), from scratch or from a file.</summary>
public sealed record ContrastiveTrainingConfig
{
    /// <summary>Sizes of the image tower, and of the embedding.</summary>
    public ConvNeXtConfig Image { get; init; } = new();

    /// <summary>Sizes of the text tower.</summary>
    public ClipTextConfig Text { get; init; } = new();

    /// <summary>Weight file of a whole CLIP of these sizes that a new run starts from; empty: random start values.</summary>
    [Setting(Source = "ours")]
    public string From { get; init; } = "";

    /// <summary>Vocabulary of the captions, as <see cref="Clouds.Native.Tokenizers.ClipTokenizer.Load"/> takes it; empty: CLIP's.</summary>
    [Setting(Source = "ours")]
    public string Vocabulary { get; init; } = "";

    /// <summary>Columns of the images, a multiple of 32.</summary>
    [Setting(Unit = "pixels", Min = 32, Source = "OpenCLIP convnext_large_d_320: 320")]
    public int Width { get; init; } = 320;

    /// <summary>Rows of the images, a multiple of 32.</summary>
    [Setting(Unit = "pixels", Min = 32, Source = "OpenCLIP convnext_large_d_320: 320")]
    public int Height { get; init; } = 320;

    /// <summary>Scale of the similarities, one over the temperature, before the first step.</summary>
    [Setting(Min = 0, Source = "Radford et al. 2021, section 2.5: 1 / 0.07")]
    public double StartScale { get; init; } = 1 / 0.07;

    /// <summary>Largest scale.</summary>
    [Setting(Min = 1, Source = "Radford et al. 2021, section 2.5: 100")]
    public double LargestScale { get; init; } = 100;

    /// <summary>Most memory for images that were read or made before; what does not fit is read each time it is seen.</summary>
    [Setting(Unit = "MiB", Min = 0, Source = "ours")]
    public int KeptImages { get; init; } = 1024;

    /// <summary>Optimiser steps.</summary>
    [Setting(Unit = "steps", Min = 1, Source = "ours")]
    public long Steps { get; init; } = 100_000;

    /// <summary>Pairs a step, all of which are told apart.</summary>
    [Setting(Unit = "pairs", Min = 2, Source = "ours: 128; Radford et al. 2021: 32,768 on as many parts of GPUs")]
    public int Batch { get; init; } = 128;

    /// <summary>Optimiser.</summary>
    public OptimizerConfig Optimizer { get; init; } = new()
    {
        LearningRate = 5e-4, WeightDecay = 0.2, ClipNorm = 1, Schedule = Engine.ScheduleKind.Poly, WarmupSteps = 2000,
    };

    /// <summary>AdamW's memory of the gradients' squares.</summary>
    [Setting(Min = 0, Max = 1, Source = "Radford et al. 2021, table 18: 0.98 for vision transformers, 0.999 for ResNets")]
    public double Beta2 { get; init; } = 0.98;

    /// <summary>AdamW's smallest divisor.</summary>
    [Setting(Min = 0, Source = "Radford et al. 2021, table 18: 1e-6 for vision transformers, 1e-8 for ResNets")]
    public double Epsilon { get; init; } = 1e-6;

    /// <summary>Seed of every random draw.</summary>
    [Setting(Min = 0, Source = "ours")]
    public long Seed { get; init; } = 1;

    /// <summary>Steps between two checkpoints.</summary>
    [Setting(Unit = "steps", Min = 1, Source = "ours")]
    public int CheckpointEvery { get; init; } = 500;
}
