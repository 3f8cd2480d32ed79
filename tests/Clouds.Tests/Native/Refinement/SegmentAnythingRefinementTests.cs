using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Sam;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Kernels;
using Clouds.Tests.Native.Sam;

namespace Clouds.Tests.Native.Refinement;

/// <summary>The refiner with a small Segment Anything, against what that one answers by itself.</summary>
[Kind(TestKind.Fast)]
public sealed class SegmentAnythingRefinementTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SegmentAnythingRefinementTests() => TinySam.Write(_folder["sam.safetensors"]);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 64)]
    public void Refine_WithSegmentAnything_TakesItsBestMasksAtTheImagesSize(bool secondPass, int promptsAtOnce)
    {
        using SegmentAnything sam = Open();
        RgbImage image = Pictures.Noise(57, 40);
        LabelMap map = new(57, 40, [.. Enumerable.Range(0, 57 * 40).Select(i => (ushort)(i % 57 / 12))]);
        RefinementOptions options = new() { SizeThreshold = 100, SecondPass = secondPass, PromptsAtOnce = promptsAtOnce };
        using PseudoLabelRefiner refiner = new(sam.Predictor, options);
        RefinementResult refined = refiner.Refine(image, map, new PointSeed(4), keepMasks: true);
        Assert.Equal(5, refined.Components.Count);
        ImageEmbedding seen = sam.Embed(image);
        int covered = 0;
        foreach (RefinedComponent component in refined.Components)
        {
            PromptPoint[] points = [.. component.Points.Select(point => new PromptPoint(point.X, point.Y))];
            PromptAnswer answer = seen.Predict(points);
            answer = secondPass ? seen.Predict(points, mask: answer.Best.LowResolution) : answer;
            Assert.Equal(answer.Masks.Select(mask => mask.Score), component.Scores);
            Assert.Equal(answer.Best.ToPixels(), RefinementProblem.Pixels(component.Mask!));
            covered += component.MaskArea;
        }

        Assert.InRange(covered, 1, (5 * 57 * 40) - 1);
    }

    [Fact]
    public void Prompt_AtPixel384Of768_LiesAt512OfTheFrame()
    {
        PromptTokens tokens = PromptTokens.Of([new MaskPrompt { Points = [new PromptPoint(384, 384)] }], MaskGeometry.Of(768, 768, 1024, 256));
        Assert.Equal([512f, 512f], tokens.Places[..2]);
    }

    [Fact]
    public void Refine_DecoderThatChoosesItself_IsRefused()
    {
        File.WriteAllBytes(_folder["single.onnx"], TinySam.Export(single: true));
        using SegmentAnything sam = SegmentAnything.Load(_folder["sam.safetensors"], new() { Device = ComputeDevice.Cpu, Decoder = _folder["single.onnx"] });
        using PseudoLabelRefiner refiner = new(sam.Predictor, new RefinementOptions { SizeThreshold = 10 });
        CloudsException failure = Assert.Throws<CloudsException>(() => refiner.Refine(Pictures.Noise(20, 20), new LabelMap(20, 20), default));
        Assert.Equal(Failure.Usage, failure.Failure);
    }

    private SegmentAnything Open() => SegmentAnything.Load(_folder["sam.safetensors"], new() { Device = ComputeDevice.Cpu });
}
