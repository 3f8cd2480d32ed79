using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Tests.Models;
using Clouds.Tests.Training.Contrastive;
using Clouds.Tests.Training.Engine;
using Clouds.Training.Diffusion;
using Clouds.Training.Engine;

namespace Clouds.Tests.Training.Diffusion;

/// <summary>An autoencoder that trains in seconds.</summary>
[Kind(TestKind.Fast)]
public sealed class AutoencoderTrainerTests : IDisposable
{
    private static readonly AutoencoderTrainingConfig Config = new()
    {
        Network = new() { Widths = [8, 16], Blocks = 1, Groups = 4 },
        Width = 12,
        Height = 8,
        Steps = 24,
        Batch = 4,
        Optimizer = new() { LearningRate = 5e-3, WeightDecay = 0, ClipNorm = 1, WarmupSteps = 5 },
        CheckpointEvery = 10,
    };

    private readonly ModelRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    // Black costs 0.6 where a third of the values of one half are bright and all others dark.
    [Fact]
    public void Run_FromRandomWeights_LearnsToSayImagesAgain()
    {
        RunFolder folder = _runs.Train("run", Trainer(Config with { Steps = 300, SquareWeight = 1 }));
        HistoryLine[] lines = [.. TrainingHistory.Read(folder.History)];
        double Error(HistoryLine[] of) => of.Average(line => line.Measures[AutoencoderGraph.AbsoluteError]);
        Assert.InRange(Error(lines[..10]), 0.3, 2);
        Assert.True(Error(lines[^10..]) < 0.14, $"from {Error(lines[..10])} to {Error(lines[^10..])}");
        Assert.Equal(["absoluteError", "squareError", "divergence"], lines[0].Measures.Keys);
    }

    [Fact]
    public void Model_HasPublishedNamesAndAScaleThatMakesTheVarianceOfLatentsOne()
    {
        string folder = Path.Combine(_runs.Train("run", Trainer(Config with { Steps = 20 })).Path, "vae");
        JsonNode told = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!;
        Assert.Equal("AutoencoderKL", (string?)told["_class_name"]);
        Assert.Equal([8, 16], told["block_out_channels"]!.AsArray().Select(width => (int)width!));
        double deviation = LatentStatistics.Deviation(Path.Combine(folder, "diffusion_pytorch_model.safetensors"), Config, new ColouredPictures());
        Assert.Equal(1, deviation * (double)told["scaling_factor"]!, 1e-3);
        using WeightSource source = WeightSource.Open(Path.Combine(folder, "diffusion_pytorch_model.safetensors"));
        Assert.Contains("decoder.up_blocks.1.resnets.1.conv2.weight", source.Tensors.Keys);
        Assert.Contains("quant_conv.bias", source.Tensors.Keys);
    }

    [Fact]
    public void Run_OfTheDecoderAlone_KeepsTheEncodersBitsAndTheScaleAndChangesTheRest()
    {
        RunFolder begun = _runs.Train("begun", Trainer(Config with { Steps = 40 }));
        AutoencoderTrainingConfig decoder = Config with
        {
            From = Path.Combine(begun.Path, "vae", "diffusion_pytorch_model.safetensors"),
            TrainEncoder = false,
            Network = Config.Network with { Scale = ScaleOf(begun) },
            Optimizer = Config.Optimizer with { WeightDecay = 0.1 },
        };
        string folder = Path.Combine(_runs.Train("run", Trainer(decoder)).Path, "vae");
        using WeightSource before = WeightSource.Open(decoder.From);
        using WeightSource after = WeightSource.Open(Path.Combine(folder, "diffusion_pytorch_model.safetensors"));
        IEnumerable<string> kept = before.Tensors.Keys.Where(name => before.ReadFloats(name).SequenceEqual(after.ReadFloats(name)));
        Assert.Equal(before.Tensors.Keys.Where(name => name.Split('.')[0] is "encoder" or "quant_conv").Order(), kept.Order());
        Assert.Equal(ScaleOf(begun), ScaleOf(new RunFolder(Path.GetDirectoryName(folder)!)));
    }

    [Fact]
    public void Run_OfTheDecoderAloneWithAnotherScaleThanBesideItsFile_IsRefusedWithBoth()
    {
        RunFolder begun = _runs.Train("begun", Trainer(Config with { Steps = 2 }));
        string weights = Path.Combine(begun.Path, "vae", "diffusion_pytorch_model.safetensors");
        AutoencoderTrainingConfig forgotten = Config with { From = weights, TrainEncoder = false };
        CloudsException failure = Assert.Throws<CloudsException>(() => _runs.Train("run", Trainer(forgotten)));
        Assert.Equal((Failure.Usage, "training of an autoencoder: network.scale"), (failure.Failure, failure.Where));
        Assert.Equal("0.18215", failure.Found);
        Assert.StartsWith(FormattableString.Invariant($"{ScaleOf(begun)}, as "), failure.Wanted);
        Assert.False(Directory.Exists(_runs["run"]));
    }

    [Fact]
    public void Run_OfTheDecoderAloneFromAFileWithNothingBesideIt_TakesTheScaleOfItsSettings()
    {
        RunFolder begun = _runs.Train("begun", Trainer(Config with { Steps = 2 }));
        File.Delete(Path.Combine(begun.Path, "vae", "config.json"));
        AutoencoderTrainingConfig told = Config with
        {
            Steps = 2, From = Path.Combine(begun.Path, "vae", "diffusion_pytorch_model.safetensors"), TrainEncoder = false,
            Network = Config.Network with { Scale = 0.75 },
        };
        Assert.Equal(0.75, ScaleOf(_runs.Train("run", Trainer(told))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Resume_AfterAStopInTheMiddle_EndsWithTheSameModel(int workers)
    {
        RunFolder whole = _runs.Train("whole", Trainer(Config)), parts = _runs.TrainInTwoParts("parts", Trainer(Config), stopAfter: 13, workers);
        Assert.Equal(File.ReadAllBytes(whole.Checkpoint), File.ReadAllBytes(parts.Checkpoint));
        foreach (string file in Directory.GetFiles(Path.Combine(whole.Path, "vae")))
        {
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(parts.Path, "vae", Path.GetFileName(file))));
        }
    }

    [Fact]
    public void Run_OnTwoThreads_EndsWithTheBitsOfOne() => Assert.Equal(
        File.ReadAllBytes(_runs.Train("one", Trainer(Config with { Steps = 6 })).Checkpoint),
        File.ReadAllBytes(_runs.Train("two", Trainer(Config with { Steps = 6 }), threads: 2, workers: 2).Checkpoint));

    [Fact]
    public void Run_FromItsOwnModel_GoesOnWhereItStood()
    {
        RunFolder begun = _runs.Train("begun", Trainer(Config with { Steps = 100 }));
        string weights = Path.Combine(begun.Path, "vae", "diffusion_pytorch_model.safetensors");
        _runs.Train("run", Trainer(Config with { From = weights, Steps = 10 }));
        Assert.True(_runs.Losses("run").First < 0.7 * _runs.Losses("begun").First);
    }

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(1, 0, 0.5)]
    public void WholeGraph_OfBothWaysAndTheLoss_FollowsDifferences(double absolute, double square, double edge)
    {
        AutoencoderTrainingConfig tiny = Config with
        {
            Network = new() { Latents = 2, Widths = [4, 8], Blocks = 1, Groups = 2 }, Batch = 2, Width = 4, Height = 4,
            AbsoluteWeight = absolute, SquareWeight = square, EdgeWeight = edge, DivergenceWeight = 3,
        };
        new NetworkGradients(promote: false, kinks: absolute > 0).Assert(g => new AutoencoderGraph(tiny).Loss(g).Total);
    }

    public static TheoryData<string, AutoencoderTrainingConfig> Misfits => new()
    {
        { "width, height", Config with { Width = 13 } },
        { "network.widths, network.groups", Config with { Network = Config.Network with { Groups = 3 } } },
        { "network.widths", Config with { Network = Config.Network with { Widths = [8] } } },
        { "trainEncoder, from", Config with { TrainEncoder = false } },
        { "absoluteWeight, squareWeight", Config with { AbsoluteWeight = 0 } },
        { "checkpointEvery", Config with { CheckpointEvery = 0 } },
    };

    [Theory]
    [MemberData(nameof(Misfits), DisableDiscoveryEnumeration = true)]
    public void Run_SettingsThatDoNotFit_AreRefusedByName(string keys, AutoencoderTrainingConfig config)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => _runs.Train("run", Trainer(config)));
        Assert.Equal((Failure.Usage, $"training of an autoencoder: {keys}"), (failure.Failure, failure.Where));
        Assert.False(Directory.Exists(_runs["run"]));
    }

    private static double ScaleOf(RunFolder run) =>
        (double)JsonNode.Parse(File.ReadAllText(Path.Combine(run.Path, "vae", "config.json")))!["scaling_factor"]!;

    private static RunOf Trainer(AutoencoderTrainingConfig config) => (options, resume, progress, cancellation) =>
        new AutoencoderTrainer(config, new ColouredPictures(), options).Run(resume, progress, cancellation);
}
