using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Native.Segmentation;

[Kind(TestKind.Fast)]
public sealed class SegmenterTests
{
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
