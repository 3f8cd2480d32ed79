using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Tests.Runtime;
using Clouds.Training.Augmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;
using Clouds.Training.Streets;

namespace Clouds.Tests.Cuda;

/// <summary>The memory that is foreseen from the graphs, held against what the provider and we take; a tenth is promised.</summary>
[Kind(TestKind.Gpu)]
[Collection(CudaStandIn.Collection)]
public sealed class MemoryForecastTests(MemoryForecastTests.PaperWeights paper) : IClassFixture<MemoryForecastTests.PaperWeights>, IDisposable
{
    private const CudaNeeds Needs = CudaNeeds.StandIn | CudaNeeds.Compiler;
    private readonly TemporaryFolder _folder = new();
    private readonly IDisposable? _counting = CudaStandIn.WhyNot(Needs) is null ? CudaStandIn.CountingOnly() : null;

    [CudaTheory(Needs)]
    [InlineData(ArenaGrowth.NextPowerOfTwo, 8, 768)]
    [InlineData(ArenaGrowth.SameAsRequested, 8, 768)]
    [InlineData(ArenaGrowth.NextPowerOfTwo, 4, 768)]
    [InlineData(ArenaGrowth.NextPowerOfTwo, 1, 1024)]
    [InlineData(ArenaGrowth.NextPowerOfTwo, 2, 512)]
    [InlineData(ArenaGrowth.SameAsRequested, 1, 512)]
    public void Training_OfThePapersNetwork_TakesWhatWasForeseen(ArenaGrowth growth, int batch, int side) => Check(growth, paper.Encoder,
        new SourceTrainingConfig { Batch = batch, Augmentation = new AugmentationConfig { CropHeight = side, CropWidth = side } });

    [CudaTheory(Needs)]
    [InlineData(ArenaGrowth.NextPowerOfTwo)]
    [InlineData(ArenaGrowth.SameAsRequested)]
    public void Training_OfTheSmallNetworkAsAWhole_TakesWhatWasForeseen(ArenaGrowth growth) => Check(growth, frozenEncoder: null, SourceTrainingConfig.Small);

    [CudaTheory(Needs)]
    [InlineData(false, 2048, 1024)]
    [InlineData(true, 2048, 1024)]
    [InlineData(false, 1024, 1024)]
    [InlineData(false, 512, 512, 1024, 512)]
    public void Segmenter_OfThePapersNetwork_TakesWhatWasForeseen(bool asRequested, params int[] sizes)
    {
        string model = paper.Model;
        long before = CudaStandIn.Counters.OpenBytes;
        using Segmenter segmenter = Segmenter.Load(
            model, new SegmenterOptions { Device = ComputeDevice.Cuda(), ShortSide = 0, Cuda = new CudaOptions { GrowAsRequested = asRequested } });
        foreach (int[] size in sizes.Chunk(2))
        {
            RgbImage image = new(size[0], size[1]);
            Assert.Equal(2, segmenter.SegmentAll([image, image]).Count());
        }

        AssertWithinATenth(segmenter.ForeseenBytes, CudaStandIn.Counters.OpenBytes - before);
    }

    [CudaFact(Needs)]
    public void Training_Fits_IsSaidBeforeTheFirstStep()
    {
        List<string> told = [];
        RunSmall(told, room: 2L << 30, SourceTrainingConfig.Small with { Steps = 1 });
        Assert.Matches("^training takes 0\\.5 GiB of the GPU's memory, of which 2\\.0 GiB of 64\\.0 GiB are free$", Assert.Single(told));
    }

    [CudaFact(Needs)]
    public void Training_MoreThanIsFree_SaysWhatToMakeSmaller()
    {
        List<string> told = [];
        Assert.Throws<CloudsException>(() => RunSmall(told, room: 300 << 20, SourceTrainingConfig.Small with { Steps = 1 }));
        Assert.Matches("takes 0\\.5 GiB of the GPU's memory, of which 0\\.3 GiB of 64\\.0 GiB are free: take a smaller training\\.batch", Assert.Single(told));
    }

    [CudaFact(Needs)]
    public void Training_MoreThanTheGpuHas_IsRefusedBeforeAnythingIsTaken()
    {
        long before = CudaStandIn.Counters.OpenBytes;
        SourceTrainingConfig config = SourceTrainingConfig.Small with { Steps = 1, Batch = 2000 };
        CloudsException failure = Assert.Throws<CloudsException>(() => RunSmall([], room: 2L << 30, config));
        Assert.Equal((Failure.Device, "training does not fit into the GPU's memory"), (failure.Failure, failure.What));
        Assert.Contains("training.batch", failure.Next, StringComparison.Ordinal);
        Assert.Equal(before, CudaStandIn.Counters.OpenBytes);
    }

    [CudaFact(Needs)]
    public void Segmenter_MoreThanTheGpuHas_IsRefusedBeforeTheSessionIsMade()
    {
        string model = paper.Model;
        using Device device = Open(ArenaGrowth.NextPowerOfTwo);
        (ModelDescription description, FrozenWeights frozen) = ModelWeights.Open(WeightSource.Open(model));
        SharedWeights weights = new(frozen);
        long before = CudaStandIn.Counters.OpenBytes;
        InferenceMemory memory = new(device, resizes: false, taken: () => device.Memory.Total);
        CloudsException failure = Assert.Throws<CloudsException>(
            () => new InferenceGraph(description, weights, 64, 128, device, new SessionSettings(), memory));
        weights.Dispose();
        Assert.Equal(before, CudaStandIn.Counters.OpenBytes);
        Assert.Equal((Failure.Device, "segmentation at 128 x 64 does not fit into the GPU's memory"), (failure.Failure, failure.What));
        Assert.Contains("SegmenterOptions.ShortSide", failure.Next, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _counting?.Dispose();
        _folder.Dispose();
    }

    private static Device Open(ArenaGrowth growth, Action<string>? told = null) => Device.Open(DeviceName.Cuda(), new DeviceSettings
    {
        Use = DeviceUse.NetworksOnKernels,
        Compiler = EmulatedGpu.Compiler,
        Cuda = new CudaSettings { ArenaGrowth = growth },
        Warn = told,
    });

    private static void Check(ArenaGrowth growth, string? frozenEncoder, SourceTrainingConfig config)
    {
        StreetDataset data = new(new StreetDatasetConfig { Count = 1, Width = 1024, Height = 768 });
        TrainingSettings settings = new() { Steps = 1, Optimization = new Optimization { LearningRate = 1e-5 } };
        using MaskTraining training = new(config, data, frozenEncoder);
        TrainingGraph graph = training.Build();
        long foreseen = StepMemory.Of(graph, teacher: false).Bytes(growth);
        Array.ForEach([.. graph.Stages], stage => stage.Weights?.Dispose());

        long before = CudaStandIn.Counters.OpenBytes;
        using Device device = Open(growth);
        using TrainingStep step = new(training, settings, device, new SessionSettings());
        step.Run(0);
        AssertWithinATenth(foreseen, CudaStandIn.Counters.OpenBytes - before);
    }

    private void RunSmall(List<string> told, long room, SourceTrainingConfig config)
    {
        StreetDataset data = new(new StreetDatasetConfig { Count = 1, Width = 320, Height = 240 });
        using Device device = Open(ArenaGrowth.NextPowerOfTwo, told.Add);
        using DeviceBuffer<byte> others = device.Gpu!.Context.Allocate<byte>(device.Memory.Free - room);
        new SourceTrainer(config, new TrainingData("streets", data), new RunFolder(_folder["run"]), device).Run();
    }

    private static void AssertWithinATenth(long foreseen, long taken)
        => Assert.True(foreseen >= 0.9 * taken && foreseen <= 1.1 * taken, $"foreseen {foreseen}, taken {taken}: {(double)foreseen / taken:0.000}");

    /// <summary>Weight files of nearly a gigabyte, written once for all tests.</summary>
    public sealed class PaperWeights : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly Lazy<string> _encoder;
        private readonly Lazy<string> _model;

        public PaperWeights() => (_encoder, _model) = (new(() => ZeroWeights.Encoder(_folder)), new(() => ZeroWeights.Model(_folder)));

        public string Encoder => _encoder.Value;

        public string Model => _model.Value;

        public void Dispose() => _folder.Dispose();
    }
}
