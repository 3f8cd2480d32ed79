using Clouds.Emulator.Driver;
using Clouds.Models.Encoders;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Tests.Graph.Weights.Torch;
using Clouds.Tests.Native.Tokenizers;
using Clouds.Tests.Training.Released;
using Clouds.Training.SourceTraining;

namespace Clouds.Tests.Cuda;

/// <summary>The text tower on the CUDA provider: tokens go up and rows come down.</summary>
[Kind(TestKind.Gpu)]
[Collection(CudaStandIn.Collection)]
public sealed class ClassEmbeddingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [CudaFact(CudaNeeds.StandIn | CudaNeeds.Compiler)]
    public void Of_OneNameMore_CopiesItsTokensAndItsRowAlone()
    {
        File.WriteAllText(_folder["merges"], SmallVocabulary.MergeText);
        PublishedContainer.Zip(_folder["clip.pth"], TinyCheckpoint.Clouds(TinyCheckpoint.Network(TinyCheckpoint.ConvNeXt, text: true)));
        using IDisposable counting = CudaStandIn.CountingOnly();
        using Device device = CudaDevice.Open();
        DriverCounters two = Count(device, "road", "wolf"), three = Count(device, "road", "wolf", "bear");
        Assert.Equal(1, three.Downloads - two.Downloads);
        Assert.Equal(sizeof(float) * TinyCheckpoint.Embedding, three.DownloadedBytes - two.DownloadedBytes);
        Assert.Equal(1, three.Uploads - two.Uploads);
        Assert.InRange(three.UploadedBytes - two.UploadedBytes, 14 * 8 * 10, 14 * 8 * 77);
    }

    public void Dispose() => _folder.Dispose();

    private DriverCounters Count(Device device, params string[] names)
    {
        CudaStandIn.Reset();
        EncoderTrainingConfig clip = new() { Weights = _folder["clip.pth"], Vocabulary = _folder["merges"] };
        ClassEmbeddings.Of([.. names.Select(name => (IReadOnlyList<string>)[name])], (IClipEncoder)TinyCheckpoint.ConvNeXt.Create(), clip,
            device, new SessionSettings(), null, CancellationToken.None);
        return CudaStandIn.Counters;
    }
}
