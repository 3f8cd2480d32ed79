using Clouds.Emulator.Driver;
using Clouds.Graph.Building;
using Clouds.Models.MaskClassifier;
using Clouds.Models.Sam;
using Clouds.Native.Refinement;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Tests.Native.Refinement;
using Clouds.Tests.Runtime;
using Clouds.Tests.Training.SelfTraining;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.SelfTraining;
using Clouds.Training.SourceTraining;
using Clouds.Training.Streets;

namespace Clouds.Tests.Cuda;

/// <summary>A step of stage 2 on a GPU: where its nodes are, what it moves, what memory it takes.</summary>
[Kind(TestKind.Gpu)]
[Collection(CudaStandIn.Collection)]
public sealed class SelfTrainingTests : IDisposable
{
    private const CudaNeeds Needs = CudaNeeds.StandIn | CudaNeeds.Compiler;
    private const int Classes = 19, Side = 768;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [CudaFact(CudaNeeds.Compiler)]
    public void Teacher_OfThePapersSize_IsOnTheGpuEntirely()
    {
        using TeacherLabels teacher = new(new MaskFormer(MaskFormerConfig.Paper, Classes), 100, new StepShape(8, Side, Side, Classes), threads: 0);
        PlacementTests.AssertOnGpu(teacher.Stage(encoder: null).Graph, atLeast: 1000);
    }

    [CudaTheory(CudaNeeds.Compiler)]
    [InlineData(false)]
    [InlineData(true)]
    public void TrainingGraph_ThatExcludesPixelsAndWeighsImages_IsOnTheGpuEntirely(bool overlapping)
    {
        MaskFormer network = new(MaskFormerConfig.Small, Classes, trainEncoder: true);
        CriterionConfig loss = new() { Points = 64, IgnoreMode = IgnoreMode.Exclude };
        SourceGraph graph = new(network, loss, new StepShape(2, 64, 96, Classes)) { Weighted = true, Overlapping = overlapping };
        PlacementTests.AssertOnGpu(graph.Whole().Graph, atLeast: 500);
    }

    // 8 x 768 x 768 with ConvNeXt-L: what the step itself takes is counted, Segment Anything's encoder is foreseen beside it.
    [CudaFact(Needs)]
    public void Step_OfThePapersSize_FitsInto80GigabytesBesideSegmentAnything()
    {
        using IDisposable counting = CudaStandIn.CountingOnly();
        TrainingSettings settings = Settings();
        using JointTraining forecast = Paper();
        TrainingGraph graph = forecast.Build();
        long foreseen = StepMemory.Of(graph, teacher: true).Bytes(ArenaGrowth.NextPowerOfTwo);
        Array.ForEach([.. graph.Stages], stage => stage.Weights?.Dispose());

        long before = CudaStandIn.Counters.OpenBytes;
        using Device device = Open();
        using JointTraining training = Paper();
        using TrainingStep step = new(training, settings, device, new SessionSettings());
        step.Run(StepOfTwo);
        long taken = CudaStandIn.Counters.OpenBytes - before;
        Assert.InRange(foreseen, 0.9 * taken, 1.1 * taken);
        Assert.InRange(taken + Foreseen("vit_h"), 1, 80_000_000_000);
    }

    [CudaFact(Needs)]
    public void Step_OfThePapersSize_MovesWhatItsImagesAndLabelsTake()
    {
        using IDisposable counting = CudaStandIn.CountingOnly();
        using Device device = Open();
        using JointTraining training = Paper();
        using TrainingStep step = new(training, Settings(), device, new SessionSettings());
        step.Run(StepOfTwo - 1);
        CudaStandIn.Reset();
        step.Run(StepOfTwo);
        DriverCounters counters = CudaStandIn.Counters;

        // As in stage 1 (TrainingBytesTests), and for each of two generated images its planes up and its labels down, two bytes a pixel.
        const long Ports = (8L * 3 * Side * Side * 4) + (8 * Side * Side) + (8 * Classes * 8) + (8 * Classes * 4) + 4;
        const long Planes = 2L * 3 * Side * Side * 4, Labels = 2L * Side * Side * 2;
        Assert.InRange(counters.UploadedBytes - Ports - Planes, 1, 1_000_000);
        Assert.Equal((5 + 2, (4 * 4) + 8 + Labels), (counters.Downloads, counters.DownloadedBytes));
    }

    // The libraries that stand in for CUDA's multiply nothing: what a run computes there says nothing, that it goes through and gives everything back does.
    [CudaFact(Needs)]
    public void Run_ToItsEnd_LeavesAModelAndNoAllocation()
    {
        using IDisposable counting = CudaStandIn.CountingOnly();
        long before = CudaStandIn.Counters.OpenAllocations;
        Go();
        Assert.Equal(before, CudaStandIn.Counters.OpenAllocations);
        Assert.Equal(3, TrainingHistory.Read(_folder["second/history.jsonl"]).Count);
        Assert.True(File.Exists(_folder["second/model.safetensors"]));
    }

    // The first step with exactly two generated images, 1 or later.
    private static long StepOfTwo
    {
        get
        {
            SourceTrainingConfig config = new();
            MixedOrder order = new(Source.Count, Generated.Count, Self.Mix, (ulong)config.Seed);
            return Enumerable.Range(1, 1000).First(step => Enumerable.Range(0, 8).Count(i => order[(step * 8L) + i] >= Source.Count) == 2);
        }
    }

    private static SelfTrainingConfig Self { get; } = new() { Mix = new() { Mode = MixMode.FixedShare, Share = 0.25 } };

    private static StreetDataset Source { get; } = new(new StreetDatasetConfig { Count = 3, Width = 1024, Height = Side });

    private static StreetDataset Generated { get; } = new(new StreetDatasetConfig { Count = 2, Width = Side, Height = Side });

    private JointTraining Paper() => new(new SourceTrainingConfig(), Self, Source, Generated, refiner: null, OverlapRule.All, ZeroWeights.Encoder(_folder));

    private static TrainingSettings Settings() =>
        new() { Steps = 2, Optimization = new Optimization { LearningRate = 1e-5, Teacher = new MeanTeacher(0.999, 100) } };

    private static Device Open() =>
        Device.Open(DeviceName.Cuda(), new DeviceSettings { Use = DeviceUse.NetworksOnKernels, Compiler = EmulatedGpu.Compiler });

    private static long Foreseen(string variant)
    {
        ImageEmbedderConfig encoder = SamConfig.Published[variant].Encoder;
        GraphBuilder g = new("embed");
        Value image = g.Input("image", ElementType.Float, [1, 3, encoder.ImageSize, encoder.ImageSize]);
        g.Output("embedding", new SegmentAnythingNetwork(SamConfig.Published[variant]).Embed(g, image));
        MemoryForecast forecast = new();
        forecast.AddSession(g, weights: null);
        forecast.AddBuffer(g.Parameters.Sum(parameter => MemoryPlan.BytesOf(parameter.Value)));
        return forecast.Bytes(ArenaGrowth.NextPowerOfTwo);
    }

    private void Go()
    {
        StagedRun run = new()
        {
            Stages = [2],
            Training = JointTrainingTests.Config with { Steps = 1, Batch = 2 },
            SelfTraining = new() { Steps = 3, Mix = new() { Mode = MixMode.FixedShare, Share = 0.5 } },
            Data = "source",
            Generated = "generated",
        };
        TrainingData data = new("source", new ColouredBoxes(4, 1));
        RunFolder first = new(_folder["first"]);
        new SourceTrainer(run.Training, data, first, Device.Cpu).Run();
        using Device device = Open();
        StandInMasks masks = new(new MaskFrame(16, 24, 64, 96, 64, 96));
        using PseudoLabelRefiner refiner = new(masks, new RefinementOptions { SizeThreshold = 40 });
        new SelfTrainer(run, first.Model, data, new ImageData("generated", new ColouredBoxes(3, 2)), refiner, new RunFolder(_folder["second"]), device).Run();
    }
}
