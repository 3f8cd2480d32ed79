using Clouds.Native.Images;
using Clouds.Native.ImageSharp;
using Clouds.Native.Segmentation;
using Clouds.Tests.Cli.Commands;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace Clouds.Tests.Native.ImageSharp;

[Kind(TestKind.Fast)]
public sealed class ImageSharpSegmentationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Segment_SamePixels_GivesTheNumbersOfTheOwnPath()
    {
        RgbImage own = Pictures.Noise(70, 50);
        using Image<Rgb24> theirs = new(70, 50);
        theirs.ProcessPixelRows(rows =>
        {
            for (int y = 0; y < rows.Height; y++)
            {
                for (int x = 0; x < rows.Width; x++)
                {
                    ReadOnlySpan<byte> pixel = own.Pixels.AsSpan(3 * ((y * 70) + x), 3);
                    rows.GetRowSpan(y)[x] = new Rgb24(pixel[0], pixel[1], pixel[2]);
                }
            }
        });
        using Segmenter segmenter = Segmenter.Load(TinyRun.Model, new SegmenterOptions { Device = ComputeDevice.Cpu });

        SegmentationResult expected = segmenter.Segment(own, withScores: true);
        SegmentationResult found = segmenter.Segment(theirs, withScores: true);

        Assert.Equal((70, 50), (found.Width, found.Height));
        Assert.Equal(expected.Labels, found.Labels);
        Assert.Equal(expected.Scores, found.Scores);
        Assert.Null(segmenter.Segment(theirs).Scores);
    }

    [Fact]
    public void Segment_Cancelled_Stops()
    {
        using Image<Rgb24> image = Pictures.Noise(8, 8).ToImageSharp();
        using Segmenter segmenter = Segmenter.Load(TinyRun.Model, new SegmenterOptions { Device = ComputeDevice.Cpu });

        Assert.ThrowsAny<OperationCanceledException>(() => segmenter.Segment(image, cancellation: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void LabelImage_OfAnAnswer_HoldsItsTrainIds()
    {
        using Image<L8> labels = new SegmentationResult(3, 2, [0, 1, 2, 18, 253, 5], null).LabelImage();

        Assert.Equal((3, 2), (labels.Width, labels.Height));
        Assert.Equal([0, 1, 2, 18, 253, 5], Enumerable.Range(0, 6).Select(i => (int)labels[i % 3, i / 3].PackedValue));
    }

    [Fact]
    public void Overlay_OfAnAnswer_IsTheOwnPaintersOverlay()
    {
        RgbImage own = Pictures.Noise(4, 3);
        SegmentationResult result = new(4, 3, [0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 2], null);
        using Image<Rgb24> theirs = own.ToImageSharp();

        using Image<Rgb24> overlay = result.Overlay(theirs, ClassSet.Cityscapes, 0.25, borders: true);

        RgbImage expected = LabelPainter.Overlay(own, new LabelMap(4, 3, result.Labels), ClassSet.Cityscapes.Colours, 0.25, borders: true);
        Assert.Equal(expected.Pixels, overlay.ToRgbImage().Pixels);
        Assert.Equal(own.Pixels, theirs.ToRgbImage().Pixels);
    }

    [Fact]
    public void Overlay_AnotherSize_IsRefused()
    {
        using Image<Rgb24> image = new(4, 4);

        Assert.Throws<ArgumentOutOfRangeException>(() => new SegmentationResult(4, 3, new ushort[12], null).Overlay(image, ClassSet.Cityscapes));
    }

    [Fact]
    public void Example_ImageFile_WritesLabelsAndOverlay()
    {
        ImageFile.WritePng(_folder["street.png"], Pictures.Gradient(40, 30));

        Segment(TinyRun.Model, _folder["street.png"], _folder["labels.png"], _folder["overlay.png"]);

        LabelMap labels = LabelPng.Read(_folder["labels.png"]);
        Assert.Equal((40, 30), (labels.Width, labels.Height));
        Assert.Equal(40, ImageFile.Read(_folder["overlay.png"]).Width);
    }

    private static void Segment(string modelPath, string imagePath, string labelPath, string overlayPath)
    {
        // example: imagesharp
        using Segmenter segmenter = Segmenter.Load(modelPath);
        using Image<Rgb24> image = Image.Load<Rgb24>(imagePath);
        SegmentationResult result = segmenter.Segment(image);
        using Image<L8> labels = result.LabelImage();
        using Image<Rgb24> overlay = result.Overlay(image, segmenter.Classes);
        labels.SaveAsPng(labelPath);
        overlay.SaveAsPng(overlayPath);
        // end of example
    }
}
