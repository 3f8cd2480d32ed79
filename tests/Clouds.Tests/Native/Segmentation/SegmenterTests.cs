using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Native.Segmentation;

[Kind(TestKind.Fast)]
public sealed class SegmenterTests
{
    // Of a short side of 1024 alone, the first would be seen at 1024 x 682,667.
    [Theory]
    [InlineData(3, 2000, 1024)]
    [InlineData(2000, 3, 1024)]
    [InlineData(20_000, 20, 1024)]
    [InlineData(20_000, 20, 0)]
    [InlineData(1, 700, 240)]
    [InlineData(1, 1, 240)]
    [InlineData(1, 1, 0)]
    public void Segment_ExtremeShape_AnswersAtTheImagesOwnSize(int width, int height, int shortSide)
    {
        using Segmenter segmenter = Segmenter.Load(TinyRun.Model, new SegmenterOptions { Device = ComputeDevice.Cpu, ShortSide = shortSide });
        SegmentationResult result = segmenter.Segment(new RgbImage(width, height), withScores: true);
        Assert.Equal((width, height, width * height), (result.Width, result.Height, result.Labels.Length));
        Assert.All(result.Labels, label => Assert.InRange(label, 0, segmenter.Classes.Count - 1));
        Assert.DoesNotContain(result.Scores!, score => !float.IsFinite(score));
    }

    [Fact]
    public void SegmentAll_OnAProcessor_AnswersBeforeTheNextImageIsAskedFor()
    {
        using Segmenter segmenter = Segmenter.Load(TinyRun.Model, new SegmenterOptions { Device = ComputeDevice.Cpu });
        int asked = 0, answered = 0;
        IEnumerable<RgbImage> Images()
        {
            for (; asked < 3; asked++)
            {
                Assert.Equal(asked, answered);
                yield return new RgbImage(64, 64 + (32 * asked));
            }
        }

        foreach (SegmentationResult result in segmenter.SegmentAll(Images()))
        {
            Assert.Equal(64 + (32 * answered++), result.Height);
        }

        Assert.Equal(3, answered);
    }
}
