using Clouds.Graph.Building;
using Clouds.Graph.Randomness;
using Clouds.Models.Sam;
using Clouds.Tests.Graph;

namespace Clouds.Tests.Models.Sam;

/// <summary>Gradients through every part of Segment Anything.</summary>
[Kind(TestKind.Fast)]
public sealed class SamGradientsTests
{
    private static readonly NetworkGradients Smooth = new(promote: false);

    // The decoder's networks have ReLU.
    private static readonly NetworkGradients Kinked = new(promote: false, kinks: true);

    private static readonly SamVitConfig Vit = new()
    {
        ImageSize = 20, Channels = 8, Patch = 4, Width = 12, Depth = 2, Heads = 3, Window = 3, GlobalBlocks = [1], FeedForward = 2,
    };

    private static readonly TinyVitConfig Tiny = new()
    {
        ImageSize = 32, Channels = 8, Widths = [4, 6, 8, 10], Depths = [1, 1, 1, 1], Heads = [1, 3, 2, 5], Windows = [7, 3, 2, 2], FeedForward = 2,
    };

    private static readonly SamConfig Whole = new()
    {
        Encoder = new SamVitConfig { ImageSize = 12, Patch = 4, Channels = 16 },
        MaskChannels = 16,
        Decoder = new() { Heads = 2, FeedForward = 12, ScoreWidth = 6 },
    };

    [Fact]
    public void Vit_WithinWindowsThatStandOutAndWithout_FollowsDifferences() =>
        Smooth.Assert(g => new SamVit(Vit).Build(g, g.Input("image", ElementType.Float, [2, 3, 20, 20])));

    [Fact]
    public void TinyVit_OfEveryKindOfBlock_FollowsDifferences() =>
        Smooth.Assert(g => new TinyVit(Tiny).Build(g, g.Input("image", ElementType.Float, [1, 3, 32, 32])));

    // Nothing normalises between its convolutions before statistics are measured: with the usual start values the stages are at 0.0002 to 0.009.
    [Fact]
    public void TinyVit_OfFreshWeights_KeepsTheSizeOfWhatItSees()
    {
        TinyVitConfig config = Tiny with { ImageSize = 64, Widths = [16, 24, 32, 40], Depths = [2, 2, 4, 2], Heads = [1, 3, 4, 5] };
        GraphBuilder g = new("stages");
        IReadOnlyList<Value> stages = new TinyVit(config).Stages(g, g.Input("image", ElementType.Float, [1, 3, 64, 64]));
        stages.Index().ToList().ForEach(stage => g.Output($"stage {stage.Index}", stage.Item));
        RandomStream random = new(3, "image");
        float[] noise = [.. Enumerable.Range(0, 3 * 64 * 64).Select(_ => (float)random.NextNormal())];
        (string, TestTensor)[] weights = [.. g.Parameters.Where(p => p.IsRead).Select(p => (p.Name, TestTensor.Of(p.Initialize(1), p.Shape.Sizes)))];
        Assert.All(GraphRun.Once(g, [("image", TestTensor.Of(noise, 1, 3, 64, 64)), .. weights]), stage =>
            Assert.InRange(Math.Sqrt(stage.Value.Floats.Average(value => (double)value * value)), 0.1, 3));
    }

    [Fact]
    public void Points_OfEveryLabel_FollowDifferences() => Smooth.Assert(
        g => new PromptEncoder(Whole).Points(g, g.Input("points", ElementType.Float, [2, 3, 2]), g.Input("labels", ElementType.Int64, [2, 3])),
        ("labels", TestTensor.OfIntegers([-1, 0, 1, 2, 3, 1], 2, 3)));

    [Fact]
    public void MaskPrompt_FollowsDifferences() => Smooth.Assert(g => new PromptEncoder(Whole).Mask(g, g.Input("mask", ElementType.Float, [2, 1, 12, 12])));

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void Prediction_OfPromptsAboutOneImageOrAboutOneEach_FollowsDifferences(long images, bool withMask) => Kinked.Assert(
        g =>
        {
            Value embedding = g.Input("embedding", ElementType.Float, [images, 16, 3, 3]);
            Value? mask = withMask ? g.Input("mask", ElementType.Float, [2, 1, 12, 12]) : null;
            MaskPrediction answer = new SegmentAnythingNetwork(Whole).Predict(
                g, embedding, g.Input("points", ElementType.Float, [2, 3, 2]), g.Input("labels", ElementType.Int64, [2, 3]), mask);
            return g.Concat(1, g.Reshape(answer.Masks, [2, 4 * 144]), answer.Scores);
        },
        ("labels", TestTensor.OfIntegers([1, 0, -1, 1, 2, 3], 2, 3)));
}
