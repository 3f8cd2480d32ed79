using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Refinement;
using Clouds.Training.SelfTraining;
using Clouds.Training.SourceTraining;

namespace Clouds.Cli.Method;

/// <summary>
/// The settings of a plan's trainings: those of the preset small (<see cref="SourceTrainingConfig.Small"/>, <see cref="SelfTrainingConfig.Small"/>), and for
/// the size of its images. Where they differ from the paper's, the reason stands beside them.
/// </summary>
internal static class MethodSettings
{
    // Of an image's pixels, method.md section 4.1: 5,000 of 768 x 768.
    private const double SizeThreshold = 5000.0 / (768 * 768);

    /// <summary>Stage 1.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="arm">Scratch: the encoder starts from nothing and is trained; otherwise it is the miniature's, frozen as the paper has it.</param>
    /// <param name="clip">Weight file of the miniature CLIP.</param>
    /// <param name="encoder">Its sizes.</param>
    public static SourceTrainingConfig Source(MethodPlan plan, MethodArm arm, string clip, EncoderConfig encoder)
    {
        SourceTrainingConfig small = SourceTrainingConfig.Small;
        bool scratch = arm == MethodArm.Scratch;
        return small with
        {
            Network = MaskFormerConfig.Small with { Encoder = scratch && encoder is ConvNeXtConfig sizes ? sizes with { LayerScale = 1 } : encoder },
            Encoder = scratch ? small.Encoder : new() { Weights = clip },
            Steps = plan.SourceSteps,
            Batch = plan.Batch,
            Seed = plan.Seed,

            // Hundreds of steps in place of 40,000: a rate that falls to nothing, and as high as a small decoder bears.
            Optimizer = small.Optimizer with { LearningRate = 1e-3, WarmupSteps = Math.Min(50, plan.SourceSteps / 10) },
            Loss = small.Loss with { Points = 512 },

            // Whole scenes: at half the scale, poles and lights would be smaller than a pixel.
            Augmentation = small.Augmentation with
            {
                FrameWidth = plan.Width, FrameHeight = plan.Height, CropWidth = plan.Width, CropHeight = plan.Height, Colour = true,
            },
            TestShortSide = 0,
            CheckpointEvery = 250,
            KeepCheckpoints = 1,
            Validation = new(),
        };
    }

    /// <summary>Stage 2.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="arm">Refined, or generated.</param>
    public static SelfTrainingConfig SelfTraining(MethodPlan plan, MethodArm arm) => SelfTrainingConfig.Small with
    {
        Steps = plan.SelfSteps,

        // As in stage 1, as the paper has it (section 4.1): the preset's fifth of that gains less (decision 81).
        LearningRate = 0,
        Refine = arm == MethodArm.Refined,

        // Few steps: half of each step's images are painted, as HRDA has it, in place of the 29 % of the released code.
        Mix = new() { Mode = MixMode.FixedShare, Share = 0.5 },

        // The student's view is HRDA's, which the paper follows, where the released code only distorts colours: true labels in every painted image keep a
        // teacher that knows one style from leading the student astray (decision 77).
        Generated = new() { ClassMix = true, Colour = false, JitterProbability = 0.8, BlurProbability = 0.5 },
    };

    /// <summary>Refinement: the paper's, its threshold as the same share of a smaller image.</summary>
    public static RefinementOptions Refinement(MethodPlan plan) => new() { SizeThreshold = (int)Math.Round(SizeThreshold * plan.Width * plan.Height) };
}
