using Clouds.Graph.Settings;
using Clouds.Models.MaskClassifier;
using Clouds.Runtime.Kernels;
using Clouds.Training.Augmentation;
using Clouds.Training.Engine;
using Clouds.Training.Validation;

namespace Clouds.Training.SourceTraining;

/// <summary>Training on the labelled source domain, stage 1 of the paper (method.md section 3.1).</summary>
public sealed record SourceTrainingConfig
{
    /// <summary>Sizes of the network.</summary>
    public MaskFormerConfig Network { get; init; } = MaskFormerConfig.Paper;

    /// <summary>The encoder.</summary>
    public EncoderTrainingConfig Encoder { get; init; } = new();

    /// <summary>Data set of the source domain, in any of the forms of --data.</summary>
    [Setting(Source = "ours")]
    public string Data { get; init; } = "";

    /// <summary>Model that a new run starts from, for fine-tuning: all its weights but class heads of another number of classes. Empty: none.</summary>
    [Setting(Source = "ours")]
    public string From { get; init; } = "";

    /// <summary>Optimiser steps.</summary>
    [Setting(Unit = "steps", Min = 1, Source = "paper section 4.1: 40,000 on GTA, 30,000 on SYNTHIA, 10,000 on Cityscapes (reference code: 5,000)")]
    public long Steps { get; init; } = 40_000;

    /// <summary>Images a step.</summary>
    [Setting(Unit = "images", Min = 1, Source = "paper section 4.1")]
    public int Batch { get; init; } = 8;

    /// <summary>Seed of every random draw.</summary>
    [Setting(Min = 0, Source = "ours; the reference fixes none")]
    public long Seed { get; init; } = 1;

    /// <summary>Optimiser.</summary>
    public OptimizerConfig Optimizer { get; init; } = new();

    /// <summary>Loss.</summary>
    public CriterionConfig Loss { get; init; } = new();

    /// <summary>Augmentation.</summary>
    public AugmentationConfig Augmentation { get; init; } = new();

    /// <summary>Short side at which the trained model sees test images; 0: their own size.</summary>
    [Setting(Unit = "pixels", Min = 0, Source = "reference code: 1024")]
    public int TestShortSide { get; init; } = 1024;

    /// <summary>Steps between two checkpoints.</summary>
    [Setting(Unit = "steps", Min = 1, Source = "ours")]
    public int CheckpointEvery { get; init; } = 500;

    /// <summary>Checkpoints that stay: the newest and those before it, from which a run goes on where the newest is damaged.</summary>
    [Setting(Unit = "checkpoints", Min = 1, Source = "ours; 243 MB each with the paper's decoder")]
    public int KeepCheckpoints { get; init; } = 3;

    /// <summary>Scores while it goes on.</summary>
    public ValidationConfig Validation { get; init; } = new();

    /// <summary>
    /// Steps in a row whose loss or gradient is not finite, after which training ends. Such steps change nothing; a loss above 1.8e19 counts as one. In
    /// mixed precision a gradient alone that is not finite counts only where the loss scale has fallen to 1.
    /// </summary>
    [Setting(Unit = "steps", Min = 1, Source = "ours")]
    public int MostSkipped { get; init; } = 3;

    /// <summary>
    /// single, or mixed: products and convolutions in half precision but those of the pixel decoder, for GPUs; frozen encoder and teacher too.
    /// </summary>
    [Setting(Source = "reference code: single; Mask2Former, which the paper follows: mixed")]
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Single;

    /// <summary>The paper's settings with SYNTHIA as source domain.</summary>
    public static SourceTrainingConfig Synthia { get; } = new() { Steps = 30_000, Optimizer = new() { Schedule = ScheduleKind.Poly } };

    /// <summary>The paper's settings with Cityscapes as source domain; the reference code has 5,000 steps.</summary>
    public static SourceTrainingConfig Cityscapes { get; } = new() { Steps = 10_000, Optimizer = new() { LearningRate = 1e-4 } };

    /// <summary>
    /// A network that learns from scratch on a processor in minutes (sizes: method.md section 3.6). Short side 240 and padding as in tests, crops of
    /// 320 x 256: on CamVid images of 320 x 240 score five points of mIoU more than 240 x 180, at 1.7 times the work.
    /// </summary>
    public static SourceTrainingConfig Small { get; } = new()
    {
        Network = MaskFormerConfig.Small,
        Encoder = new() { Trainable = true, LearningRateMultiplier = 1 },
        Steps = 1500,
        Batch = 4,
        Optimizer = new() { LearningRate = 5e-4, Schedule = ScheduleKind.Poly, WarmupSteps = 50, ClipNorm = 1 },
        Loss = new() { Points = 1024 },
        Augmentation = new()
        {
            ScaleLow = 1, ScaleHigh = 1, FrameShortSide = 240, CropWidth = 320, CropHeight = 256, Padding = CropPadding.Zero, Colour = false,
        },
        TestShortSide = 240,
        CheckpointEvery = 100,
        Validation = new() { Every = 300 },
    };

    /// <summary>
    /// The paper's arrangement in miniature: an encoder that is frozen as in its section 3.1, of the sizes that its weights tell, under the decoders and the
    /// other settings of <see cref="Small"/>.
    /// </summary>
    /// <param name="weights">The encoder's weights.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">As <see cref="EncoderFile.Sizes"/>.</exception>
    public static SourceTrainingConfig Frozen(string weights) => Small with
    {
        Network = Small.Network with { Encoder = EncoderFile.Sizes(weights) },
        Encoder = new() { Weights = weights },
    };
}

/// <summary>What happens to the encoder.</summary>
public sealed record EncoderTrainingConfig
{
    /// <summary>Whether it is trained. Paper section 3.1: frozen; table 5 trains it.</summary>
    [Setting(Source = "paper section 3.1")]
    public bool Trainable { get; init; }

    /// <summary>Learning rate of the encoder over that of the head.</summary>
    [Setting(Min = 0, Source = "Mask2Former: 0.1")]
    public double LearningRateMultiplier { get; init; } = 0.1;

    /// <summary>
    /// File with its weights, in any container and under any program's names that are read; or a name of weights that the program carries, as mini:clip;
    /// empty: random start values.
    /// </summary>
    [Setting(Source = "ours")]
    public string Weights { get; init; } = "";

    /// <summary>Vocabulary of the text tower, for the text classifier: a file or folder as CLIP's are published; empty: OpenAI's, which is built in.</summary>
    [Setting(Source = "ours")]
    public string Vocabulary { get; init; } = "";
}

/// <summary>AdamW, clipping, learning-rate schedule (method.md section 3.1).</summary>
public sealed record OptimizerConfig
{
    /// <summary>Base learning rate.</summary>
    [Setting(Min = 0, Source = "paper section 4.1: 1e-5 on GTA and SYNTHIA, 1e-4 on Cityscapes")]
    public double LearningRate { get; init; } = 1e-5;

    /// <summary>Decoupled weight decay of everything but normalisation layers and embedding tables.</summary>
    [Setting(Min = 0, Source = "paper section 4.1")]
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>Largest norm of the whole gradient; 0: no clipping.</summary>
    [Setting(Min = 0, Source = "reference code: 0.01")]
    public double ClipNorm { get; init; } = 0.01;

    /// <summary>How the learning rate moves.</summary>
    [Setting(Source = "reference code: constant on GTA and Cityscapes, poly on SYNTHIA")]
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Constant;

    /// <summary>Exponent of the poly schedule.</summary>
    [Setting(Min = 0, Source = "Mask2Former: 0.9")]
    public double Power { get; init; } = 0.9;

    /// <summary>Steps of linear warm-up.</summary>
    [Setting(Unit = "steps", Min = 0, Source = "reference code: none in effect")]
    public long WarmupSteps { get; init; }

    internal Optimization Over(long steps) => new()
    {
        LearningRate = LearningRate,
        Schedule = new LearningRateSchedule(Schedule, steps, Power, WarmupSteps),
        Rule = new OptimizerSettings(ClipNorm > 0 ? ClipMode.FullModel : ClipMode.None, ClipNorm),
    };
}
