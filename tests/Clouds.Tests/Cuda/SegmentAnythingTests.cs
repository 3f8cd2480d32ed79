using Clouds.Emulator.Driver;
using Clouds.Native.Sam;
using Clouds.Native.Segmentation;
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
}
