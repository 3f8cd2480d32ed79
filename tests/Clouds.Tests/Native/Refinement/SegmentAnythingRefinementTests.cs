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

    // Acceptance check 11, and images that are no squares: each side has the factor to which its whole pixels were rounded.
    [Theory]
    [InlineData(768, 768, 384, 384, 512.0, 512.0)]
    [InlineData(1280, 720, 640, 360, 512.0, 288.0)]
    [InlineData(720, 1280, 719, 0, 575.2, 0.0)]
    [InlineData(500, 333, 250, 100, 512.0, 100 * 682 / 333.0)]
    [InlineData(1024, 1, 1023, 0, 1023.0, 0.0)]
    [InlineData(4, 3, 3, 2, 768.0, 512.0)]
    public void Prompt_AtAPixelOfAnImage_LiesWhereTheResizedImageHasIt(int width, int height, int x, int y, double across, double down)
    {
        PromptTokens tokens = PromptTokens.Of([new MaskPrompt { Points = [new PromptPoint(x, y)] }], MaskGeometry.Of(height, width, 1024, 256));
        Assert.Equal(across, tokens.Places[0], 1e-4);
        Assert.Equal(down, tokens.Places[1], 1e-4);
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
