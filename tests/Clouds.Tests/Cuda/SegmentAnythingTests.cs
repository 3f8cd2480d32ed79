using Clouds.Emulator.Driver;
using Clouds.Native.Refinement;
using Clouds.Native.Sam;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Tests.Native.Sam;

namespace Clouds.Tests.Cuda;

/// <summary>Segment Anything on the CUDA provider: what goes up and what comes down.</summary>
[Kind(TestKind.Gpu)]
[Collection(CudaStandIn.Collection)]
public sealed class SegmentAnythingTests : IDisposable
{
    // The tiny network: a frame of 48 pixels, 16 channels of 6 x 6 cells, four masks of 24 x 24.
    private const long FrameBytes = 4L * 3 * 48 * 48, EmbeddingBytes = 4L * 16 * 6 * 6, MaskBytes = 4L * 4 * 24 * 24, ScoreBytes = 4L * 4;

    // ONNX Runtime's Concat of unequal parts takes tables from the host, a few hundred bytes each.
    private const long MostTables = 4096;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [CudaFact(CudaNeeds.StandIn | CudaNeeds.Compiler)]
    public void EmbedAndPredict_MoveFramePromptsAndAnswersAlone()
    {
        using IDisposable counting = CudaStandIn.CountingOnly();
        TinySam.Write(_folder["sam.safetensors"]);
        using SegmentAnything sam = SegmentAnything.Load(_folder["sam.safetensors"], new() { Device = ComputeDevice.Cuda() });
        ImageEmbedding embedding = sam.Embed(Pictures.Noise(50, 30));
        MaskPrompt[] prompts = [.. Enumerable.Range(0, 8).Select(i => new MaskPrompt { Points = [new(i, 1)] })];
        Assert.Equal(8, embedding.Predict(prompts).Count());

        CudaStandIn.Reset();
        sam.Embed(Pictures.Noise(50, 30));
        DriverCounters counters = CudaStandIn.Counters;
        Assert.InRange(counters.UploadedBytes, FrameBytes, FrameBytes + MostTables);
        Assert.Equal(EmbeddingBytes, counters.DownloadedBytes);

        CudaStandIn.Reset();
        Assert.Equal(8, embedding.Predict(prompts).Count());
        counters = CudaStandIn.Counters;
        long promptBytes = EmbeddingBytes + (8 * 2 * ((2 * sizeof(float)) + sizeof(long)));
        Assert.InRange(counters.UploadedBytes, promptBytes, promptBytes + MostTables);
        Assert.Equal(8 * (MaskBytes + ScoreBytes), counters.DownloadedBytes);
    }

    [CudaFact(CudaNeeds.StandIn | CudaNeeds.Compiler)]
    public void Predictor_MasksOnTheGpu_BringsNothingDown()
    {
        using IDisposable counting = CudaStandIn.CountingOnly();
        TinySam.Write(_folder["sam.safetensors"]);
        using SegmentAnything sam = SegmentAnything.Load(_folder["sam.safetensors"], new() { Device = ComputeDevice.Cuda() });
        Gpu gpu = ((IOnDevice)sam.Predictor).Device.Gpu!;
        using IEmbeddedImage image = sam.Predictor.Embed(Pictures.Noise(50, 30));
        using DeviceBuffer<float> points = gpu.Context.Allocate<float>(11 * 5 * 2);
        using DeviceBuffer<float> masks = gpu.Context.Allocate<float>(11 * 576);
        using DeviceBuffer<float> logits = gpu.Context.Allocate<float>(11 * 3 * 576);
        using DeviceBuffer<float> scores = gpu.Context.Allocate<float>(11 * 3);
        Ask(default);
        Ask(masks.Span);
        CudaStandIn.Reset();
        Ask(default);
        Ask(masks.Span);
        Assert.Equal((0, 0), (CudaStandIn.Counters.Downloads, CudaStandIn.Counters.DownloadedBytes));
        Assert.InRange(CudaStandIn.Counters.UploadedBytes, 1, MostTables);

        void Ask(DeviceSpan<float> start) =>
            Assert.IsAssignableFrom<IEmbeddedOnDevice>(image).Predict(gpu.Stream, 11, points.Span, start, logits.Span, scores.Span, default);
    }
}
