using Clouds.Emulator.Driver;
using Clouds.Graph.Randomness;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;
using Clouds.Training.Streets;

namespace Clouds.Tests.Cuda;

/// <summary>What a training step moves between host and GPU.</summary>
[Kind(TestKind.Gpu)]
[Collection(CudaStandIn.Collection)]
public sealed class TrainingBytesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [CudaFact(CudaNeeds.StandIn | CudaNeeds.Compiler)]
    public void Step_OfThePapersSize_MovesAtMost80Megabytes()
    {
        SourceTrainingConfig config = new();
        StreetDataset data = new(new StreetDatasetConfig { Count = 1, Width = 1024, Height = 768 });
        TrainingSettings settings = new() { Steps = 2, Optimization = new Optimization { LearningRate = 1e-5 } };
        using Device device = CudaDevice.Open();
        using IDisposable counting = CudaStandIn.CountingOnly();
        using MaskTraining training = new(config, data, ZeroWeights.Encoder(_folder));
        using TrainingStep step = new(training, settings, device, new SessionSettings());
        step.Run(0);
        CudaStandIn.Reset();
        step.Run(1);
        DriverCounters counters = CudaStandIn.Counters;
        Assert.InRange(counters.UploadedBytes + counters.DownloadedBytes, 1, 80_000_000);

        // Images, maps, classes, slots, number of masks, and the tables of draws and of the optimiser's groups. The rest are the tables of ONNX
        // Runtime's Split and Concat of unequal parts: 8 bytes a row of the three coarse maps.
        const long Ports = (8L * 3 * 768 * 768 * 4) + (8 * 768 * 768) + (8 * 19 * 8) + (8 * 19 * 4) + 4;
        Assert.InRange(counters.Uploads, 7, 22);
        Assert.InRange(counters.UploadedBytes - Ports, 1, 500_000);

        // The loss, three measures and the gradient's norm.
        Assert.Equal((5, 4 * 4 + 8), (counters.Downloads, counters.DownloadedBytes));
    }

    public void Dispose() => _folder.Dispose();
}
