using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.Sam;
using Clouds.Native.Sam;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Tests.Native.Sam;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.Promptable;

namespace Clouds.Tests.Training.Promptable;

/// <summary>A Segment Anything that trains in seconds.</summary>
[Kind(TestKind.Fast)]
public sealed class SamTrainerTests : IDisposable
{
    private static readonly SamTrainingConfig Config = new()
    {
        Network = TinySam.Config,
        Steps = 60,
        Batch = 3,
        Prompts = 3,
        Points = 2,
        Optimizer = new() { LearningRate = 3e-3, WeightDecay = 0.01, ClipNorm = 1, WarmupSteps = 5 },
        CheckpointEvery = 25,
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_FromRandomWeights_LearnsTheBoxesAndItsFileAnswersPrompts()
    {
        Train("run", Config with { Steps = 300, Passes = 1 });
        HistoryLine[] lines = [.. TrainingHistory.Read(Folder("run").History)];
        (double first, double last) = (lines[..10].Average(line => line.Loss), lines[^10..].Average(line => line.Loss));
        Assert.True(last < 0.6 * first, $"from {first} to {last}");
        double Iou(HistoryLine[] of) => of.Average(line => line.Measures[PromptGraph.BestIou]);
        Assert.True(Iou(lines[^10..]) > Iou(lines[..10]) + 0.2, $"IoU from {Iou(lines[..10])} to {Iou(lines[^10..])}, loss from {first} to {last}");

        // An image that it has not seen: of the points of a box, the mask is nearer to the box than to the whole image.
        MaskedImage unseen = new PaintedBoxes(count: 13).Load(12);
        using SegmentAnything sam = SegmentAnything.Load(Folder("run").Model, new() { Device = ComputeDevice.Cpu });
        ImageEmbedding embedding = sam.Embed(unseen.Image);
        double iou = unseen.Masks.Average(mask =>
        {
            (int x, int y) = mask.PixelAt(mask.Area / 2);
            bool[] found = embedding.Predict([new PromptPoint(x, y)]).Best.ToPixels();
            int both = Enumerable.Range(0, mask.Area).Select(mask.PixelAt).Count(pixel => found[(pixel.Y * 40) + pixel.X]);
            return (double)both / (mask.Area + found.Count(covered => covered) - both);
        });
        Assert.InRange(iou, 0.3, 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Resume_AfterAStopInTheMiddle_EndsWithTheSameModel(int workers)
    {
        Train("whole", Config);
        using CancellationTokenSource stop = new();
        Assert.Throws<OperationCanceledException>(() => Train("parts", Config, workers: workers, progress: new Watch(31, stop), cancellation: stop.Token));
        Assert.True(File.Exists(Folder("parts").Model));
        Train("parts", Config, resume: true, workers: workers);
        Assert.Equal(File.ReadAllBytes(Folder("whole").Checkpoint), File.ReadAllBytes(Folder("parts").Checkpoint));
        Assert.Equal(File.ReadAllBytes(Folder("whole").Model), File.ReadAllBytes(Folder("parts").Model));
    }

    [Fact]
    public void Run_FrozenEncoder_ChangesTheDecoderAlone()
    {
        TinySam.Write(_folder["begun.safetensors"]);
        Train("run", Config with { From = _folder["begun.safetensors"], TrainEncoder = false, Steps = 3 });
        using WeightSource before = WeightSource.Open(_folder["begun.safetensors"]);
        using WeightSource after = WeightSource.Open(Folder("run").Model);
        foreach (string name in before.Tensors.Keys)
        {
            bool trained = !name.StartsWith("image_encoder.", StringComparison.Ordinal) && !name.Contains("gaussian", StringComparison.Ordinal);
            Assert.Equal(trained, !before.ReadFloats(name).SequenceEqual(after.ReadFloats(name)));
        }

        using SegmentAnything sam = SegmentAnything.Load(Folder("run").Model, new() { Device = ComputeDevice.Cpu });
        Assert.Equal(16 * 36, sam.EmbeddingElements);
    }

    [Fact]
    public void Run_OnePass_LeavesMaskPromptsAsTheyWereInTheFile()
    {
        TinySam.Write(_folder["begun.safetensors"]);
        Train("run", Config with { From = _folder["begun.safetensors"], Passes = 1, Steps = 2 });
        using WeightSource before = WeightSource.Open(_folder["begun.safetensors"]);
        using WeightSource after = WeightSource.Open(Folder("run").Model);
        const string Name = "prompt_encoder.mask_downscaling.0.weight";
        Assert.Equal(before.ReadFloats(Name), after.ReadFloats(Name));
        Assert.Equal(before.Tensors.Keys.Order(), after.Tensors.Keys.Order());
        Assert.NotEqual(before.ReadFloats("image_encoder.neck.0.weight"), after.ReadFloats("image_encoder.neck.0.weight"));
    }

    [Fact]
    public void Run_TinyVitOfAnotherFrame_TrainsAndOpens()
    {
        SamConfig network = Config.Network with
        {
            Encoder = new TinyVitConfig
            {
                ImageSize = 64, Channels = 16, Widths = [8, 8, 12, 16], Depths = [1, 1, 1, 1], Heads = [1, 2, 2, 2], Windows = [7, 4, 4, 2], FeedForward = 2,
            },
        };
        Train("run", Config with { Network = network, Steps = 2, Batch = 2 });
        using SegmentAnything sam = SegmentAnything.Load(Folder("run").Model, new() { Device = ComputeDevice.Cpu });
        Assert.Equal(40 * 28, sam.Embed(new PaintedBoxes().Load(0).Image).Predict([new PromptPoint(3, 3)]).Best.ToPixels().Length);
    }

    [Fact]
    public void Resume_WithOtherSettings_IsRefusedWithBoth()
    {
        Train("run", Config with { Steps = 1 });
        CloudsException failure = Assert.Throws<CloudsException>(() => Train("run", Config with { Steps = 1, Points = 4 }, resume: true));
        Assert.Equal(Failure.Usage, failure.Failure);
        Assert.Contains("\"points\":4", failure.Found, StringComparison.Ordinal);
        Assert.Contains("\"points\":2", failure.Wanted, StringComparison.Ordinal);
    }

    public static TheoryData<SamTrainingConfig, string> Misfits => new()
    {
        { Config with { TrainEncoder = false }, "trainEncoder, from" },
        { Config with { Network = Config.Network with { MaskChannels = 6 } }, "network.maskChannels" },
        { Config with { Loss = new() { FocalPower = 0.5 } }, "loss.focalPower" },
        { Config with { Prompts = 0 }, "steps, batch, prompts, points, passes" },
        { Config with { BoxShare = 1.5 }, "boxShare, outsideShare" },
        { Config with { AreaPower = 1.5 }, "areaPower" },
        { Config with { Optimizer = new() { LearningRate = 0 } }, "optimizer.learningRate" },
    };

    [Theory]
    [MemberData(nameof(Misfits), DisableDiscoveryEnumeration = true)]
    public void Run_SettingsThatDoNotFit_AreRefusedByName(SamTrainingConfig config, string keys)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => Train("run", config));
        Assert.Equal((Failure.Usage, $"training of Segment Anything: {keys}"), (failure.Failure, failure.Where));
        Assert.False(Directory.Exists(_folder["run"]));
    }

    private RunFolder Folder(string name) => new(_folder[name]);

    private void Train(
        string name, SamTrainingConfig config, bool resume = false, int workers = 0, IProgress<ProgressReport>? progress = null,
        CancellationToken cancellation = default) =>
        new SamTrainer(config, new PaintedBoxes(), Folder(name), Device.Cpu, threads: 1) { Workers = workers }.Run(resume, progress, cancellation);

    private sealed class Watch(long stopAfter, CancellationTokenSource stop) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value)
        {
            if (value.Done >= stopAfter)
            {
                stop.Cancel();
            }
        }
    }
}
