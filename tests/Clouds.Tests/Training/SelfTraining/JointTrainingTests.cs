using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Tests.Native.Refinement;
using Clouds.Tests.Runtime.Sessions;
using Clouds.Training.Augmentation;
using Clouds.Training.SelfTraining;
using Clouds.Training.SourceTraining;

namespace Clouds.Tests.Training.SelfTraining;

/// <summary>One step of stage 2 beside the plain oracle of method.md section 3.5: teacher's labels, refined maps, targets, loss.</summary>
[Kind(TestKind.Fast)]
public sealed class JointTrainingTests
{
    internal const int Width = 96, Height = 64;
    internal const int Classes = 3, Queries = 5, Images = 4;
    internal const long Step = 7;

    internal static readonly SourceTrainingConfig Config = new()
    {
        Network = new MaskFormerConfig
        {
            Encoder = new ConvNeXtConfig { Depths = [1, 1, 1, 1], Widths = [8, 8, 16, 16], LayerScale = 1 },
            PixelDecoder = new() { Width = 32, MaskWidth = 32, Layers = 1, Heads = 4, FeedForward = 32 },
            TransformerDecoder = new() { Width = 32, MaskWidth = 32, Queries = Queries, Layers = 2, Heads = 4, FeedForward = 32 },
        },
        Encoder = new() { Trainable = true },
        Steps = 20,
        Batch = Images,
        Loss = new() { Points = 48 },
        Augmentation = new AugmentationConfig { CropWidth = Width, CropHeight = Height, FrameWidth = Width, FrameHeight = Height },
    };

    private static readonly SelfTrainingConfig Self = new() { Mix = new() { Mode = MixMode.FixedShare, Share = 0.5 } };

    private static readonly RefinementOptions Refinement = new() { SizeThreshold = 40 };

    public static TheoryData<string> Variants =>
    [
        "paper", "exclude", "unrefined", "weighted", "keep", "keep, exclude", "none where nothing is refined",
        "mixed", "mixed, exclude", "mixed, unrefined", "mixed, keep", "mixed, keep, exclude", "mixed, none where nothing is refined",
    ];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Step_OfSourceAndGeneratedImages_IsThatOfThePlainOracle(string variant)
    {
        bool refines = !variant.Contains("unrefined", StringComparison.Ordinal);
        SourceTrainingConfig config = Config with
        {
            Loss = Config.Loss with { IgnoreMode = variant.Contains("exclude", StringComparison.Ordinal) ? IgnoreMode.Exclude : IgnoreMode.Negative },
        };
        SelfTrainingConfig self = Self with
        {
            Generated = variant.StartsWith("mixed", StringComparison.Ordinal) ? JointStreamTests.Hrda : new(),
            LossWeight = variant == "weighted" ? 0.25 : 1,
            Unrefined = variant.Contains("none", StringComparison.Ordinal) ? UnrefinedLabels.None : UnrefinedLabels.Teacher,
        };
        RefinementOptions options = Refinement with
        {
            Overlap = variant.Contains("keep", StringComparison.Ordinal) ? OverlapRule.Keep : OverlapRule.All,
            SizeThreshold = variant.Contains("none", StringComparison.Ordinal) ? Width * Height : Refinement.SizeThreshold,
        };
        StandInMasks masks = new(new MaskFrame(16, 24, 64, 96, 64, 96));
        using PseudoLabelRefiner refiner = new(masks, options);
        using JointStep run = new(config, self, refines ? refiner : null, options.Overlap);
        double loss = run.Go(Step);
        (double expected, int generated) = run.Oracle(Step, refines ? options : null, masks);
        Assert.InRange(generated, 1, Images - 1);

        // Single precision: sums of 48 points and 5 queries in another order, through three predictions.
        Assert.Equal(expected, loss, 1e-4 * expected);
    }

    // The graphs' own threads are another matter (platform.md section 3).
    [Fact]
    public void Step_LabelledRefinedAndLoadedOnOneTwoAndEightThreadsBesideABusyOne_HasTheSameBits()
    {
        using BusyProcessor busy = new();
        double[] losses = [.. new[] { 1, 2, 8 }.Select(threads =>
        {
            using PseudoLabelRefiner refiner = new(new StandInMasks(new MaskFrame(16, 24, 64, 96, 64, 96)), Refinement, threads);
            using JointStep run = new(Config, Self, refiner, OverlapRule.All, threads);
            return run.Go(Step);
        })];
        Assert.Single(losses.Distinct());
    }

    // Which images a batch has is drawn: some have none of one kind.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Step_OfOneDomainAlone_Runs(double share)
    {
        using JointStep run = new(Config, Self with { Mix = Self.Mix with { Share = share } }, null, OverlapRule.All);
        Assert.True(double.IsFinite(run.Go(0)));
        Assert.Equal(share * Images, run.Oracle(0, null, null!).Generated);
    }

    [Fact]
    public void Stream_OfGeneratedImages_ShowsTheTeacherTheStudentsPixelsInTheirOwnColours()
    {
        JointStream stream = new(new ColouredBoxes(4, 1), new ColouredBoxes(6, 2), Config, Self with { Generated = new() { FlipProbability = 1 } });
        JointSample[] generated = [.. Enumerable.Range(0, 40).Select(i => stream.Make(i)).Where(sample => sample.Clean is not null)];
        Assert.NotEmpty(generated);
        RgbImage[] flipped = [.. Enumerable.Range(0, 6).Select(i => Flip.Horizontal(new ColouredBoxes(6, 2).LoadImage(i)))];
        Assert.All(generated, sample => Assert.Contains(flipped, image => image.Pixels.SequenceEqual(sample.Clean!.Pixels)));

        // Four of its five parts leave an image alone half of the time each.
        Assert.InRange(generated.Count(sample => !sample.Clean!.Pixels.SequenceEqual(sample.Student.Pixels)), generated.Length * 3 / 4, generated.Length);
        Assert.All(generated, sample => Assert.Null(sample.Labels));
    }
}
