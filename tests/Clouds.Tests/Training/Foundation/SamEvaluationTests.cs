using Clouds.Diagnostics;
using Clouds.Native.Catalogue;
using Clouds.Native.Images;
using Clouds.Native.Sam;
using Clouds.Training.Datasets;
using Clouds.Training.Foundation;

namespace Clouds.Tests.Training.Foundation;

/// <summary>Rectangles as masks, and a stand-in for Segment Anything that answers with rectangles: overlaps are known from their sides.</summary>
[Kind(TestKind.Fast)]
public sealed class SamEvaluationTests
{
    private const int Width = 60, Height = 40;

    private static readonly ImportedFile[] Files = [new("stand-in.safetensors", 1, new string('0', 64))];

    // 10 x 10 pixels, whose left half is answered first, with the whole beside it at a lower score.
    private static readonly Box Thing = new(20, 10, 10, 10), Half = new(20, 10, 5, 10);

    [Fact]
    public void Run_HalfOfTheThing_IsHalfAndCorrectedWhereItIsMissing()
    {
        StandIn standIn = new(points => points.Count == 1 ? [(Half, 0.9f), (Thing, 0.3f), (new Box(0, 0, 1, 1), 0.1f)] : [(Thing, 0.8f)]);
        ModelEvaluation evaluation = Run(standIn, withMask: true, Thing);
        Assert.Equal((0.5, 1.0, 1.0, 1.0), (evaluation["iouOfOnePoint"], evaluation["oracleIouOfOnePoint"], evaluation["iouOfTwoPoints"],
            evaluation["iouOfFivePoints"]));
        Assert.Equal(0.4, evaluation["scoreError"]!.Value, 6);
        Assert.Equal([[new PromptPoint(24, 14)], [new PromptPoint(24, 14), new PromptPoint(27, 12)]], standIn.Asked.Select(prompt => prompt.Points));
        Assert.Equal([null, 0.9f], standIn.Asked.Select(prompt => prompt.Mask?[0]));
        Assert.Equal([false, true], standIn.Single);
    }

    [Fact]
    public void Run_AnswersThatAreTooLarge_AreCorrectedFromOutside()
    {
        // 10 x 20: the thing and as much below it.
        StandIn standIn = new(_ => [(new Box(20, 10, 10, 20), 0.5f)]);
        ModelEvaluation evaluation = Run(standIn, withMask: false, Thing);
        Assert.All(["iouOfOnePoint", "oracleIouOfOnePoint", "iouOfThreePoints", "iouOfFivePoints"], name => Assert.Equal(0.5, evaluation[name]));
        Assert.Equal(5, standIn.Asked.Count);
        Assert.Equal([new PromptPoint(24, 14), .. Enumerable.Repeat(new PromptPoint(24, 24, Inside: false), 4)], standIn.Asked[^1].Points);
        Assert.All(standIn.Asked, prompt => Assert.Null(prompt.Mask));
    }

    // Of 2,400 pixels: 4 are small, 25 medium, 400 large. Every answer is the large one.
    [Fact]
    public void Run_MasksOfSeveralSizes_AreToldApart()
    {
        Box small = new(1, 1, 2, 2), medium = new(40, 5, 5, 5), large = new(10, 10, 20, 20);
        ModelEvaluation evaluation = Run(new StandIn(_ => [(large, 1)]), withMask: true, small, medium, large);
        Assert.Equal((0.0, 0.0, 1.0), (evaluation["smallIouOfOnePoint"], evaluation["mediumIouOfFivePoints"], evaluation["largeIouOfOnePoint"]));
        Assert.Equal((1.0, 1.0, 1.0, 3.0), (evaluation["smallMasks"], evaluation["mediumMasks"], evaluation["largeMasks"], evaluation["masks"]));
        Assert.Equal(1.0 / 3, evaluation["iouOfOnePoint"]!.Value, 12);
    }

    [Fact]
    public void Run_SizesWithoutMasks_HaveNoMean()
    {
        ModelEvaluation evaluation = Run(new StandIn(_ => [(Thing, 1)]), withMask: true, Thing);
        Assert.Null(evaluation["smallIouOfOnePoint"]);
        Assert.Equal("-", evaluation.Measures.Single(measure => measure.Name == "smallIouOfOnePoint").Shown);
    }

    [Fact]
    public void Run_ImagesWithoutMasks_IsRefused() =>
        Assert.Contains("nothing to point at", Assert.Throws<CloudsException>(() => Run(new StandIn(_ => [(Thing, 1)]), withMask: true)).Message,
            StringComparison.Ordinal);

    private static ModelEvaluation Run(StandIn standIn, bool withMask, params Box[] things) =>
        SamEvaluation.Run(_ => standIn, "stand-in", Files, new OneImage(things), new HeldOutData("boxes", 0, 1), withMask, null, CancellationToken.None)
            .Evaluation;

    private readonly record struct Box(int X, int Y, int Width, int Height)
    {
        public ImageMask Mask => new(X, Y, Width, [.. Enumerable.Repeat(true, Width * Height)]);
    }

    private sealed class OneImage(Box[] things) : IMaskedImages
    {
        public string Name => "boxes";

        public int Count => 1;

        public MaskedImage Load(int index) => new(new RgbImage(SamEvaluationTests.Width, SamEvaluationTests.Height), [.. things.Select(thing => thing.Mask)]);
    }

    private sealed class StandIn(Func<IReadOnlyList<PromptPoint>, (Box Box, float Score)[]> answer) : IPointAnswers
    {
        public List<MaskPrompt> Asked { get; } = [];

        public List<bool> Single { get; } = [];

        public IReadOnlyList<IReadOnlyList<PointMask>> Answer(IReadOnlyList<MaskPrompt> prompts, bool single)
        {
            Asked.AddRange(prompts);
            Single.AddRange(prompts.Count > 0 ? [single] : []);
            return [.. prompts.Select(prompt => answer(prompt.Points).Select(one => Of(one.Box.Mask, one.Score)).ToArray())];
        }

        private static PointMask Of(ImageMask mask, float score) => new(
            [.. Enumerable.Range(0, SamEvaluationTests.Width * SamEvaluationTests.Height)
                .Select(i => mask.Contains(i % SamEvaluationTests.Width, i / SamEvaluationTests.Width))], score, [score]);
    }
}
