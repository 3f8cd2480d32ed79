using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Diffusion;
using Clouds.Models.Diffusion.Sampling;
using Clouds.Native.Generation.Weights;
using Clouds.Runtime.Devices;
using Clouds.Tests.Graph;
using Clouds.Tests.Models;
using Clouds.Tests.Training.Contrastive;
using Clouds.Tests.Training.Engine;
using Clouds.Training.Diffusion;
using Clouds.Training.Engine;

namespace Clouds.Tests.Training.Diffusion;

/// <summary>A latent diffusion that trains in seconds, over an autoencoder and a text encoder as they are drawn.</summary>
[Kind(TestKind.Fast)]
public sealed class DiffusionTrainerTests : IDisposable
{
    private readonly ModelRuns _runs = new();
    private readonly DiffusionTrainingConfig _config;

    public DiffusionTrainerTests()
    {
        int vocabulary = ColouredPictures.WriteVocabulary(_runs["bpe_simple_vocab_16e6.txt"]);
        _config = new()
        {
            Network = new() { Widths = [8, 16], Heads = [2, 2], TextResolutions = 1, Blocks = 1, TextWidth = 8, Groups = 4 },
            Autoencoder = new() { Widths = [4, 8], Blocks = 1, Groups = 2, },
            AutoencoderWeights = _runs["autoencoder.safetensors"],
            Text = new() { Width = 8, Heads = 2, Layers = 1, Context = 9, Vocabulary = vocabulary },
            TextWeights = _runs["text.safetensors"],
            Vocabulary = _runs["bpe_simple_vocab_16e6.txt"],
            Width = 16,
            Height = 8,
            Average = 0,
            Steps = 24,
            Batch = 4,
            Optimizer = new() { LearningRate = 6e-3, WeightDecay = 0.01, ClipNorm = 1, WarmupSteps = 5 },
            CheckpointEvery = 10,
        };
        Draw(_config.AutoencoderWeights, g =>
        {
            Autoencoder network = new(_config.Autoencoder);
            network.Decode(g, network.Encode(g, g.Input("image", ElementType.Float, [1, 3, 8, 16])).Mean);
        });
        Draw(_config.TextWeights, g => new TextEncoder(_config.Text).Build(g, g.Input("tokens", ElementType.Int64, [1, 9])));
        AutoencoderTrainingConfig frame = new() { Network = _config.Autoencoder, Width = 16, Height = 8 };
        double scale = LatentScale.Measure(_config.AutoencoderWeights, frame, new ColouredPictures(height: 8), Device.Cpu, threads: 1);
        _config = _config with { Autoencoder = _config.Autoencoder with { Scale = scale } };
    }

    public void Dispose() => _runs.Dispose();

    // To say nothing costs 1, the variance of the noise.
    [Theory]
    [InlineData(Prediction.Epsilon, 0.65)]
    [InlineData(Prediction.V, 0.65)]
    public void Run_FromRandomWeights_LearnsToTellTheNoise(Prediction prediction, double bound)
    {
        _runs.Train("run", Trainer(_config with { Steps = 250, Prediction = prediction }));
        (double first, double last) = _runs.Losses("run");
        Assert.InRange(first, 0.7, 2.5);
        Assert.True(last < bound, $"from {first} to {last}");
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    public void Model_IsAWholeStableDiffusionWithTheFrozenNetworksAsTheyWere(int from, int until)
    {
        UNetConfig network = _config.Network with { TextFrom = from, TextResolutions = until };
        RunOf trainer = Trainer(_config with { Steps = 2, Prediction = Prediction.V, Times = 100, Network = network });
        string folder = DiffusionTrainer.ModelOf(_runs.Train("run", trainer));
        DiffusionWeights model = DiffusionWeights.Open(folder);
        Assert.Equal(network with { Widths = [], Heads = [] }, model.Config.UNet with { Widths = [], Heads = [] });
        Assert.Equal((IEnumerable<int>)[8, 16, 2, 2], [.. model.Config.UNet.Widths, .. model.Config.UNet.Heads]);
        using FrozenWeights denoiser = model.Freeze(DiffusionPart.UNet);
        Assert.Equal((_config.Autoencoder.Scale, 2), (model.Config.Autoencoder.Scale, model.Config.Autoencoder.Stride));
        Assert.Equal((_config.Text with { }, Prediction.V, 100), (model.Config.TextEncoder, model.Config.Sampler.Prediction, model.Config.Sampler.Noise.Steps));
        Assert.Equal(_config.Text.Vocabulary, model.Tokenizer.Count);
        using WeightSource before = WeightSource.Open(_config.AutoencoderWeights);
        using WeightSource after = WeightSource.Open(Path.Combine(folder, "vae", "diffusion_pytorch_model.safetensors"));
        Assert.All(before.Tensors.Keys, name => Assert.Equal(before.ReadFloats(name), after.ReadFloats(name)));
    }

    // What is kept of the autoencoder's answers is lost when a run stops.
    [Theory]
    [InlineData(1, 1024, 0)]
    [InlineData(3, 1024, 0.9)]
    [InlineData(2, 0, 0)]
    public void Resume_AfterAStopInTheMiddle_EndsWithTheSameModel(int workers, int kept, double average)
    {
        RunOf trainer = Trainer(_config with { KeptLatents = kept, Average = average });
        RunFolder whole = _runs.Train("whole", trainer), parts = _runs.TrainInTwoParts("parts", trainer, stopAfter: 13, workers);
        Assert.Equal(File.ReadAllBytes(whole.Checkpoint), File.ReadAllBytes(parts.Checkpoint));
        Assert.Equal(File.ReadAllBytes(Denoiser(whole)), File.ReadAllBytes(Denoiser(parts)));
    }

    [Fact]
    public void Run_KeepingLatentsOrNot_EndsWithTheSameModel() => Assert.Equal(
        File.ReadAllBytes(Denoiser(_runs.Train("kept", Trainer(_config)))),
        File.ReadAllBytes(Denoiser(_runs.Train("anew", Trainer(_config with { KeptLatents = 0 })))));

    [Fact]
    public void Run_OnTwoThreads_EndsWithTheBitsOfOne() => Assert.Equal(
        File.ReadAllBytes(Denoiser(_runs.Train("one", Trainer(_config with { Steps = 6 })))),
        File.ReadAllBytes(Denoiser(_runs.Train("two", Trainer(_config with { Steps = 6 }), threads: 2, workers: 2))));

    // After one step the warm-up's momentum is 1/2.
    [Fact]
    public void Model_OfAnAverage_IsTheAverageAndNotTheLastStep()
    {
        using WeightSource average = WeightSource.Open(Denoiser(_runs.Train("average", Trainer(_config with { Steps = 1, Average = 0.99 }))));
        using WeightSource last = WeightSource.Open(Denoiser(_runs.Train("last", Trainer(_config with { Steps = 1 }))));
        GraphBuilder g = new("denoiser");
        Value In(string name, Shape shape) => g.Input(name, ElementType.Float, shape);
        new UNet(_config.Network).Build(g, In("latents", [1, 4, 4, 8]), In("time", [1]), In("text", [1, 9, 8]));
        Parameter parameter = g.Parameters.Single(parameter => parameter.Name == "conv_in.weight");
        Assert.All(parameter.Initialize(1).Zip(last.ReadFloats(parameter.Name), average.ReadFloats(parameter.Name)),
            weight => Assert.Equal((weight.First + weight.Second) / 2, weight.Third, 1e-6f));
    }

    [Fact]
    public void Captions_AllLeftOut_MakeTheTextsOfNoUse()
    {
        byte[] Model(string name, Func<int, string> caption) => File.ReadAllBytes(Denoiser(_runs.Train(name, (options, resume, progress, stop) =>
            new DiffusionTrainer(_config with { Steps = 3, DropCaption = 1 }, new Captioned(caption), options).Run(resume, progress, stop))));
        Assert.Equal(Model("one", index => $"{index}"), Model("other", _ => "a red picture"));
    }

    [Theory]
    [InlineData(Prediction.Epsilon)]
    [InlineData(Prediction.V)]
    public void WholeGraph_FromNoisingToTheError_FollowsDifferences(Prediction prediction)
    {
        DiffusionTrainingConfig tiny = _config with { Batch = 2, Prediction = prediction, Times = 20, FirstVariance = 0.01, LastVariance = 0.3 };
        new NetworkGradients(promote: false).Assert(g => new DiffusionGraph(tiny).Loss(g), ("times", TestTensor.OfIntegers([3, 15], 2)));
    }

    public static TheoryData<string, Func<DiffusionTrainingConfig, DiffusionTrainingConfig>> Misfits => new()
    {
        { "autoencoderWeights, textWeights", config => config with { TextWeights = "" } },
        { "network.textWidth, text.width", config => config with { Network = config.Network with { TextWidth = 9 } } },
        { "network.latents, autoencoder.latents", config => config with { Network = config.Network with { Latents = 3 } } },
        { "network.widths, network.heads", config => config with { Network = config.Network with { Heads = [3, 2] } } },
        { "width, height", config => config with { Width = 18 } },
        { "vocabulary, text.vocabulary", config => config with { Vocabulary = "" } },
        { "dropCaption, average", config => config with { Average = 1 } },
        { "times, firstVariance, lastVariance", config => config with { LastVariance = 1 } },
    };

    [Theory]
    [MemberData(nameof(Misfits), DisableDiscoveryEnumeration = true)]
    public void Run_SettingsThatDoNotFit_AreRefusedByName(string keys, Func<DiffusionTrainingConfig, DiffusionTrainingConfig> change)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => _runs.Train("run", Trainer(change(_config))));
        Assert.Equal((Failure.Usage, $"training of a diffusion model: {keys}"), (failure.Failure, failure.Where));
        Assert.False(Directory.Exists(_runs["run"]));
    }

    [Fact]
    public void Run_AnotherScaleOfTheLatentsThanBesideTheAutoencoder_IsRefused()
    {
        File.WriteAllText(_runs["config.json"], """{ "_class_name": "AutoencoderKL", "scaling_factor": 0.5 }""");
        CloudsException failure = Assert.Throws<CloudsException>(() => _runs.Train("run", Trainer(_config)));
        Assert.Equal((Failure.Usage, "training of a diffusion model: autoencoder.scale"), (failure.Failure, failure.Where));
        Assert.Equal($"0.5, as {_runs["config.json"]} has it", failure.Wanted);
    }

    [Fact]
    public void Run_AutoencoderOfOtherSizes_IsRefusedByItsTensors()
    {
        DiffusionTrainingConfig config = _config with { Autoencoder = _config.Autoencoder with { Widths = [4, 4] } };
        CloudsException failure = Assert.Throws<CloudsException>(() => _runs.Train("run", Trainer(config)));
        Assert.Equal(Failure.Weights, failure.Failure);
    }

    private static string Denoiser(RunFolder folder) =>
        Path.Combine(DiffusionTrainer.ModelOf(folder), "unet", "diffusion_pytorch_model.safetensors");

    private static RunOf Trainer(DiffusionTrainingConfig config) => (options, resume, progress, cancellation) =>
        new DiffusionTrainer(config, new ColouredPictures(height: 8), options).Run(resume, progress, cancellation);

    private static void Draw(string path, Action<GraphBuilder> build)
    {
        GraphBuilder g = new("drawn");
        build(g);
        using SafetensorsWriter writer = new(path, [.. g.Parameters.Select(p => new TensorDeclaration(p.Name, WeightType.F32, p.Shape.Sizes))]);
        foreach (Parameter parameter in g.Parameters)
        {
            // Means, and logarithms of variances that leave the image to be seen.
            writer.Write(parameter.Name, parameter.Name == "quant_conv.bias" ? [0, 0, 0, 0, -8, -8, -8, -8] : parameter.Initialize(5));
        }

        writer.Commit();
    }
}
