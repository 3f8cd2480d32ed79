using Clouds.Emulator.Driver;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Tests.Cuda;

/// <summary>Segmentation on the CUDA provider: every image goes up, and labels alone come down.</summary>
[Kind(TestKind.Gpu)]
[Collection(CudaStandIn.Collection)]
public sealed class SegmenterTests : IDisposable
{
    private const int Width = 2048, Height = 1024;
    private const long ImageBytes = 3L * Width * Height * sizeof(float), LabelBytes = 2L * Width * Height;

    // ONNX Runtime's Split into unequal parts takes tables from the host: 8 bytes for each of the three coarse maps' rows, and three of three numbers.
    private const long SplitBytes = (8L * 21 * Width * Height / 1024) + (3 * 24);
    private readonly TemporaryFolder _folder = new();
    private readonly RgbImage _image = new(Width, Height, new byte[3 * Width * Height]);

    [CudaFact(CudaNeeds.StandIn | CudaNeeds.Compiler)]
    public void Segment_TwoPictures_UploadsBothAndDownloadsLabelsAlone()
    {
        using IDisposable counting = CudaStandIn.CountingOnly();
        using (Segmenter segmenter = Load())
        {
            segmenter.Segment(_image);
            CudaStandIn.Reset();
            segmenter.Segment(_image);
            segmenter.Segment(_image);
            DriverCounters counters = CudaStandIn.Counters;
            Assert.Equal(2 * (ImageBytes + SplitBytes), counters.UploadedBytes);
            Assert.Equal((2, 2 * LabelBytes), (counters.Downloads, counters.DownloadedBytes));

            CudaStandIn.Reset();
            Assert.Equal(4, segmenter.SegmentAll(Enumerable.Repeat(_image, 4)).Count());
            Assert.Equal((4 * (ImageBytes + SplitBytes), 4 * LabelBytes), (CudaStandIn.Counters.UploadedBytes, CudaStandIn.Counters.DownloadedBytes));
            SharesItsWeightsBetweenSizes(segmenter);
        }
    }

    [CudaTheory(CudaNeeds.StandIn | CudaNeeds.Compiler)]
    [InlineData("convnext_l")]
    [InlineData("clip_rn50")]
    public void Segment_WithTextClassifierAndEnsemble_UploadsTheImageAndDownloadsLabelsAlone(string encoder)
    {
        MaskFormerConfig network = new() { Encoder = EncoderConfig.Published[encoder], Classifier = ClassifierKind.Text, GeometricEnsemble = true };
        using IDisposable counting = CudaStandIn.CountingOnly();
        using Segmenter segmenter = Load(network);
        segmenter.Segment(_image);
        CudaStandIn.Reset();
        segmenter.Segment(_image);
        DriverCounters counters = CudaStandIn.Counters;
        Assert.Equal(ImageBytes + SplitBytes, counters.UploadedBytes);
        Assert.Equal((1, LabelBytes), (counters.Downloads, counters.DownloadedBytes));
    }

    public void Dispose() => _folder.Dispose();

    // A second size costs activations and tables: far less than the 880 MB of weights.
    private static void SharesItsWeightsBetweenSizes(Segmenter segmenter)
    {
        CudaStandIn.Reset();
        segmenter.Segment(new RgbImage(64, 64, new byte[3 * 64 * 64]));
        Assert.InRange(CudaStandIn.Counters.UploadedBytes, 1, 60_000_000);
    }

    private Segmenter Load(MaskFormerConfig? network = null) =>
        Segmenter.Load(ZeroWeights.Model(_folder, network), new SegmenterOptions { Device = ComputeDevice.Cuda(), ShortSide = 0 });
}
