using Clouds.Graph.Settings;
using Clouds.Models.MaskClassifier;
using Clouds.Training.SourceTraining;

namespace Clouds.Training.SelfTraining;

/// <summary>
/// Self-training on source and generated images, stage 2 of the paper (section 3.3; method.md sections 3.1 to 3.5). It says what differs from stage 1;
/// network, encoder, batch, seed, optimiser, loss and the augmentation of source images are those of <see cref="SourceTrainingConfig"/>.
/// </summary>
public sealed record SelfTrainingConfig
{
    /// <summary>Optimiser steps; optimiser, schedule and counter begin anew.</summary>
    [Setting(Unit = "steps", Min = 1, Source = "paper section 4.1: 40,000 on GTA, 30,000 on SYNTHIA, 10,000 on Cityscapes")]
    public long Steps { get; init; } = 40_000;

    /// <summary>Base learning rate; 0: that of stage 1.</summary>
    [Setting(Min = 0, Source = "paper section 4.1: as in stage 1")]
    public double LearningRate { get; init; }

    /// <summary>The generated images.</summary>
    public GeneratedConfig Generated { get; init; } = new();

    /// <summary>How source and generated images are mixed.</summary>
    public MixConfig Mix { get; init; } = new();

    /// <summary>The mean teacher.</summary>
    public TeacherConfig Teacher { get; init; } = new();

    /// <summary>What generated images weigh in the loss, beside 1 of source images.</summary>
    [Setting(Min = 0, Source = "reference code: 1; paper section 3.3: the same loss")]
    public double LossWeight { get; init; } = 1;

    /// <summary>Whether the teacher's labels are refined with the masks of Segment Anything; otherwise they are taken as they are.</summary>
    [Setting(Source = "paper section 3.3: yes; table 4 leaves it out")]
    public bool Refine { get; init; } = true;

    /// <summary>What an image is learned from of which no component is large enough to be refined.</summary>
    [Setting(Source = "reference code: teacher; the paper does not say")]
    public UnrefinedLabels Unrefined { get; init; } = UnrefinedLabels.Teacher;

    /// <summary>For the preset of a network that learns from scratch on a processor in minutes: the paper's 5,000 of 768 x 768 pixels, of 320 x 240.</summary>
    public const int SmallSizeThreshold = 650;

    /// <summary>
    /// Beside <see cref="SourceTrainingConfig.Small"/>: a network that changes fast wants a teacher that follows at once, and Segment Anything would take
    /// longer than the training.
    /// </summary>
    public static SelfTrainingConfig Small { get; } = new()
    {
        Steps = 750,
        LearningRate = 2e-4,
        Mix = new() { Mode = MixMode.FixedShare },
        Teacher = new() { Momentum = 0.99, Interval = 1, WarmUp = true },
        Refine = false,
    };

    /// <summary>The paper's settings with SYNTHIA as source domain.</summary>
    public static SelfTrainingConfig Synthia { get; } = new() { Steps = 30_000, Mix = new() { TargetFactor = 0.7 } };

    /// <summary>The paper's settings with Cityscapes as source domain.</summary>
    public static SelfTrainingConfig Cityscapes { get; } = new() { Steps = 10_000, Mix = new() { TargetFactor = 0.2 } };

    /// <summary>The settings of stage 1 as they hold in stage 2, which starts from its model.</summary>
    /// <param name="source">Stage 1.</param>
    /// <param name="model">Its model.</param>
    public SourceTrainingConfig Over(SourceTrainingConfig source, string model) => source with
    {
        Steps = Steps,
        From = model,
        Optimizer = source.Optimizer with { LearningRate = LearningRate > 0 ? LearningRate : source.Optimizer.LearningRate },

        // The model has the encoder's weights; only a text tower is nowhere else.
        Encoder = source.Network.Classifier == ClassifierKind.Text ? source.Encoder : source.Encoder with { Weights = "" },
    };
}

/// <summary>What an image is learned from of which no component is large enough to be refined.</summary>
public enum UnrefinedLabels
{
    /// <summary>The teacher's labels as they are.</summary>
    Teacher,

    /// <summary>Nothing: it has no label.</summary>
    None,
}

/// <summary>The generated images: used whole, without scaling or cropping, unless that is asked for (method.md section 3.4).</summary>
public sealed record GeneratedConfig
{
    /// <summary>Data set of the generated images, in any of the forms of --data; its labels, if it has any, are not looked at.</summary>
    [Setting(Source = "ours")]
    public string Data { get; init; } = "";

    /// <summary>How many of them are used, the first ones; 0: all.</summary>
    [Setting(Unit = "images", Min = 0, Source = "paper figure 5: 100 to 10,000; 5,000 elsewhere")]
    public int Limit { get; init; }

    /// <summary>Probability of a horizontal flip, before teacher and student.</summary>
    [Setting(Min = 0, Max = 1, Source = "reference code: 0.5")]
    public double FlipProbability { get; init; } = 0.5;

    /// <summary>Whether they are scaled and cropped before teacher and student, by the same settings as source images.</summary>
    [Setting(Source = "reference code: no; the paper does not tell them apart")]
    public bool ScaleAndCrop { get; init; }

    /// <summary>Whether the student sees them with the SSD colour distortion; the teacher never does.</summary>
    [Setting(Source = "reference code: on; HRDA, which paper section 3.3 follows: off, jitter in its place")]
    public bool Colour { get; init; } = true;

    /// <summary>
    /// Whether the student sees and learns half of the classes of a source image of the same step pasted over them (ClassMix); the teacher never does. A step
    /// without a source image mixes nothing.
    /// </summary>
    [Setting(Source = "reference code: off; HRDA, which paper section 3.3 follows: on, as DACS has it")]
    public bool ClassMix { get; init; }

    /// <summary>Probability with which the student sees them, and what is pasted over them, with jittered colours.</summary>
    [Setting(Min = 0, Max = 1, Source = "reference code: 0; HRDA, which paper section 3.3 follows: 0.8")]
    public double JitterProbability { get; init; }

    /// <summary>How far brightness, contrast, saturation and hue are jittered: parts of 255, of 1, of 1 and of the circle.</summary>
    [Setting(Min = 0, Max = 0.5, Source = "HRDA: 0.2")]
    public double JitterStrength { get; init; } = 0.2;

    /// <summary>Probability with which the student sees them, and what is pasted over them, blurred by a Gaussian of 0.15 to 1.15 pixels.</summary>
    [Setting(Min = 0, Max = 1, Source = "reference code: 0; HRDA, which paper section 3.3 follows: 0.5")]
    public double BlurProbability { get; init; }
}

/// <summary>How source and generated images are mixed (method.md section 3.3). The paper does not say.</summary>
public sealed record MixConfig
{
    /// <summary>What decides how often generated images come.</summary>
    [Setting(Source = "reference code: repeatFactor; the paper does not say")]
    public MixMode Mode { get; init; } = MixMode.RepeatFactor;

    /// <summary>How often each generated image comes in an epoch, in which each source image comes once; what is left of a whole number is drawn.</summary>
    [Setting(Min = 0, Max = 1000, Source = "reference code: 2.0 beside GTA, 0.7 beside SYNTHIA, 0.2 beside Cityscapes")]
    public double TargetFactor { get; init; } = 2.0;

    /// <summary>With the mode fixedShare: generated images among all images of an epoch.</summary>
    [Setting(Min = 0, Max = 1, Source = "what the reference code's factor comes to with GTA: 0.287")]
    public double Share { get; init; } = 0.287;
}

/// <summary>What decides how often generated images come.</summary>
public enum MixMode
{
    /// <summary>Their factor.</summary>
    RepeatFactor,

    /// <summary>Their share.</summary>
    FixedShare,
}

/// <summary>The mean teacher: a moving average of the decoder (paper section 3.3; method.md section 3.2).</summary>
public sealed record TeacherConfig
{
    /// <summary>Weight a of the old teacher.</summary>
    [Setting(Min = 0, Max = 1, Source = "reference code: 0.999; the paper does not say")]
    public double Momentum { get; init; } = 0.999;

    /// <summary>Steps between two updates.</summary>
    [Setting(Unit = "steps", Min = 1, Source = "reference code: 100; HRDA, which the paper cites for the formula: 1")]
    public int Interval { get; init; } = 100;

    /// <summary>Whether a begins at 0 and is at most 1 - 1/(t + 1) in front of step t.</summary>
    [Setting(Source = "reference code: no; HRDA: yes")]
    public bool WarmUp { get; init; }

    /// <summary>Whether a resumed run has the student as its teacher again; the weights are then not those of an uninterrupted run.</summary>
    [Setting(Source = "ours: no; reference code: yes, as it does not save the teacher")]
    public bool RestartOnResume { get; init; }
}
