using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Tests.Runtime;
using Clouds.Training.Augmentation;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;
using Clouds.Training.Streets;

namespace Clouds.Tests.Cuda;

/// <summary>The memory that was foretold from the graphs, held against what the provider and we take; a tenth is promised.</summary>
[Kind(TestKind.Gpu)]
[Collection(CudaStandIn.Collection)]
public sealed class MemoryForecastTests(MemoryForecastTests.PaperWeights paper) : IClassFixture<MemoryForecastTests.PaperWeights>, IDisposable
{
    private const CudaNeeds Needs = CudaNeeds.StandIn | CudaNeeds.Compiler;
    private readonly IDisposable? _counting = CudaStandIn.WhyNot(Needs) is null ? CudaStandIn.CountingOnly() : null;

    [CudaTheory(Needs)]
    [InlineData(ArenaGrowth.NextPowerOfTwo, 8, 768)]
    [InlineData(ArenaGrowth.SameAsRequested, 8, 768)]
    [InlineData(ArenaGrowth.NextPowerOfTwo, 2, 512)]
    [InlineData(ArenaGrowth.SameAsRequested, 2, 512)]
    public void Training_OfThePapersNetwork_TakesWhatWasForetold(ArenaGrowth growth, int batch, int side) => Check(growth, paper.Encoder,
        new SourceTrainingConfig { Batch = batch, Augmentation = new AugmentationConfig { CropHeight = side, CropWidth = side } });

    [CudaTheory(Needs)]
    [InlineData(ArenaGrowth.NextPowerOfTwo)]
    [InlineData(ArenaGrowth.SameAsRequested)]
    public void Training_OfTheSmallNetworkAsAWhole_TakesWhatWasForetold(ArenaGrowth growth) => Check(growth, frozenEncoder: null, SourceTrainingConfig.Small);

    [CudaTheory(Needs)]
    [InlineData(2048, 1024)]
    [InlineData(1024, 512)]
    public void Segmenter_OfThePapersNetwork_TakesWhatWasForetold(int width, int height)
    {
        string model = paper.Model;
        long before = CudaStandIn.Counters.OpenBytes;
        using Segmenter segmenter = Segmenter.Load(model, new SegmenterOptions { Device = "cuda", ShortSide = 0 });
        segmenter.Segment(new RgbImage(width, height));
        long taken = CudaStandIn.Counters.OpenBytes - before;

        using Device device = CudaDevice.Open();
        using WeightSource source = WeightSource.Open(model);
        List<SharedWeights> weights = [];
        using InferenceGraph graph = new(ModelDescription.Read(source), parameters =>
        {
            weights.Add(new SharedWeights(FrozenWeights.Open(model, parameters)));
            return weights[0];
        }, height, width, device, new SessionSettings());
        using SharedWeights owned = weights[0];
        AssertWithinATenth(graph.ForecastBytes + owned.Weights.Tensors.Sum(tensor => tensor.Bytes), taken);
    }

    [CudaFact(Needs)]
    public void Training_MoreThanIsFree_IsSaidInOneSentence()
    {
        using TemporaryFolder folder = new();
        List<string> told = [];
        SourceTrainingConfig config = SourceTrainingConfig.Small with { Steps = 1 };
        StreetDataset data = new(new StreetDatasetConfig { Count = 1, Width = 320, Height = 240 });
        using Device device = CudaDevice.Open();
        using DeviceBuffer<byte> others = device.Gpu!.Context.Allocate<byte>(device.Memory.Free - (400 << 20));
        SourceTrainer trainer = new(config, data, "streets", new RunFolder(folder["run"]), device, told.Add);
        Assert.Throws<Clouds.Diagnostics.CloudsException>(() => trainer.Run());
        Assert.Matches("expected to take 0\\.[5-6] GB of the GPU's memory, of which 0\\.4 GB are free", Assert.Single(told));
    }

    public void Dispose() => _counting?.Dispose();

    private static void Check(ArenaGrowth growth, string? frozenEncoder, SourceTrainingConfig config)
    {
        StreetDataset data = new(new StreetDatasetConfig { Count = 1, Width = 1024, Height = 768 });
        TrainingSettings settings = new() { Steps = 1, Optimization = new Optimization { LearningRate = 1e-5 } };
        long before = CudaStandIn.Counters.OpenBytes;
        using Device device = Device.Open(DeviceName.Cuda(), new DeviceSettings
        {
            Use = DeviceUse.NetworksOnKernels,
            Compiler = EmulatedGpu.Compiler,
            Cuda = new CudaSettings { ArenaGrowth = growth },
        });
        using TrainingStep step = new(new MaskTraining(config, data, frozenEncoder), settings, device, new SessionSettings());
        step.Run(0);
        AssertWithinATenth(step.ForecastBytes, CudaStandIn.Counters.OpenBytes - before);
    }

    private static void AssertWithinATenth(long foretold, long taken) => Assert.InRange(foretold, 0.9 * taken, 1.1 * taken);

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
