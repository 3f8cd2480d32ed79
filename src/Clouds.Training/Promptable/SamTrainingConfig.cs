using Clouds.Graph.Settings;
using Clouds.Models.Sam;
using Clouds.Training.SourceTraining;

namespace Clouds.Training.Promptable;

/// <summary>Training of a Segment Anything, from scratch or from a file (Kirillov et al. 2023, appendix A).</summary>
public sealed record SamTrainingConfig
{
    /// <summary>Sizes of the network: any frame, patch, width and depth that fit together.</summary>
    public SamConfig Network { get; init; } = new();

    /// <summary>Weight file of a whole Segment Anything of these sizes that a new run starts from; empty: random start values.</summary>
    [Setting(Source = "ours")]
    public string From { get; init; } = "";

    /// <summary>Whether the image encoder is trained too; where it is not, its weights come from <see cref="From"/>.</summary>
    [Setting(Source = "Kirillov et al. 2023: trained")]
    public bool TrainEncoder { get; init; } = true;

    /// <summary>Learning rate of the image encoder over that of the rest.</summary>
    [Setting(Min = 0, Source = "ours; Kirillov et al. 2023 let it fall by 0.8 a layer")]
    public double EncoderRate { get; init; } = 1;

    /// <summary>Optimiser steps.</summary>
    [Setting(Unit = "steps", Min = 1, Source = "Kirillov et al. 2023, appendix A: 90,000")]
    public long Steps { get; init; } = 90_000;

    /// <summary>Images a step.</summary>
    [Setting(Unit = "images", Min = 1, Source = "ours; Kirillov et al. 2023: 256 on as many GPUs")]
    public int Batch { get; init; } = 8;

    /// <summary>Prompts an image, each for one of its masks.</summary>
    [Setting(Unit = "prompts", Min = 1, Source = "ours; Kirillov et al. 2023: up to 64 a GPU")]
    public int Prompts { get; init; } = 8;

    /// <summary>
    /// Power of its area with which a mask's chance to be prompted grows; 0: all masks of an image alike, of which most are small where it is crowded.
    /// </summary>
    [Setting(Min = 0, Max = 1, Source = "Kirillov et al. 2023, appendix A: masks are sampled uniformly")]
    public double AreaPower { get; init; }

    /// <summary>Most points a prompt; how many it has is drawn.</summary>
    [Setting(Unit = "points", Min = 1, Source = "ours: 5, as the paper's prompts; Kirillov et al. 2023 add up to 8 where the mask is wrong")]
    public int Points { get; init; } = 5;

    /// <summary>Share of the prompts that have a box.</summary>
    [Setting(Min = 0, Max = 1, Source = "Kirillov et al. 2023, appendix A: a point or a box with equal probability")]
    public double BoxShare { get; init; } = 0.5;

    /// <summary>Share of further points that lie outside of the mask, and are told so.</summary>
    [Setting(Min = 0, Max = 1, Source = "ours, in the place of points where the mask is wrong")]
    public double OutsideShare { get; init; } = 0.2;

    /// <summary>Standard deviation of a box's sides, as a share of its extent.</summary>
    [Setting(Min = 0, Source = "Kirillov et al. 2023, appendix A: 0.1")]
    public double BoxNoise { get; init; } = 0.1;

    /// <summary>Most that a box's side is off.</summary>
    [Setting(Unit = "pixels", Min = 0, Source = "Kirillov et al. 2023, appendix A: 20")]
    public double MostBoxNoise { get; init; } = 20;

    /// <summary>Times that each prompt is asked: from the second time on with the mask that was chosen before, which trains mask prompts.</summary>
    [Setting(Min = 1, Source = "ours: 2; Kirillov et al. 2023, appendix A: 11")]
    public int Passes { get; init; } = 2;

    /// <summary>The loss.</summary>
    public PromptLossConfig Loss { get; init; } = new();

    /// <summary>Optimiser.</summary>
    public OptimizerConfig Optimizer { get; init; } = new() { LearningRate = 8e-4, WeightDecay = 0.1, ClipNorm = 0.1, WarmupSteps = 250 };

    /// <summary>Seed of every random draw.</summary>
    [Setting(Min = 0, Source = "ours")]
    public long Seed { get; init; } = 1;

    /// <summary>Steps between two checkpoints.</summary>
    [Setting(Unit = "steps", Min = 1, Source = "ours")]
    public int CheckpointEvery { get; init; } = 500;
}
