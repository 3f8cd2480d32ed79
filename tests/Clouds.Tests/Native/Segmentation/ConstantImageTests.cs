using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Native.Segmentation;

/// <summary>Pictures without any structure: a covered lens, a frame before the first light, fog.</summary>
[Kind(TestKind.Fast)]
public sealed class ConstantImageTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(128)]
    [InlineData(255)]
    public void Segment_PictureOfOneColour_HasLabels(byte value)
    {
        using Segmenter segmenter = Segmenter.Load(TinyRun.Model, new SegmenterOptions { Device = ComputeDevice.Cpu, ShortSide = 0 });
        foreach ((int width, int height) in new[] { (64, 64), (512, 256), (1024, 512), (701, 333) })
        {
            RgbImage image = new(width, height);
            image.Pixels.AsSpan().Fill(value);
            SegmentationResult result = segmenter.Segment(image, withScores: true);
            Assert.All(result.Scores!, score => Assert.True(float.IsFinite(score)));
            Assert.True(result.Labels.Max() < segmenter.Classes.Count);
        }
    }
}
