using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Clip;
using Clouds.Models.Diffusion;
using Clouds.Models.Encoders;
using Clouds.Native.Generation.Store;
using Clouds.Native.Segmentation;
using Clouds.Tests.Graph;
using Clouds.Tests.Models;
using Clouds.Tests.Training.Engine;
using Clouds.Training.Contrastive;
using Clouds.Training.Engine;

namespace Clouds.Tests.Training.Contrastive;

/// <summary>A CLIP that trains in seconds.</summary>
[Kind(TestKind.Fast)]
public sealed class ContrastiveTrainerTests : IDisposable
{
    private readonly ModelRuns _runs = new();
    private readonly ContrastiveTrainingConfig _config;

    public ContrastiveTrainerTests() => _config = new()
    {
        Image = new() { Depths = [1, 1, 1, 1], Widths = [8, 8, 8, 16], Embedding = 8, LayerScale = 1 },
        Text = new() { Width = 16, Heads = 2, Layers = 1, Context = 10, Vocabulary = ColouredPictures.WriteVocabulary(_runs["words.txt"]) },
        Vocabulary = _runs["words.txt"],
        Width = 32,
        Height = 32,
        Steps = 24,
        Batch = 6,
        Optimizer = new() { LearningRate = 3e-3, WeightDecay = 0.01, ClipNorm = 1, WarmupSteps = 5 },
        CheckpointEvery = 10,
    };

    public void Dispose() => _runs.Dispose();

    // At chance the loss is ln 6 = 1.8.
    [Fact]
    public void Run_FromRandomWeights_LearnsWhichCaptionIsWhose()
    {
        RunFolder folder = _runs.Train("run", Trainer(_config with { Steps = 150 }));
        (double first, double last) = _runs.Losses("run");
        Assert.InRange(first, 0.8, 4);
        Assert.True(last < 0.4, $"from {first} to {last}");
        HistoryLine[] lines = [.. TrainingHistory.Read(folder.History)];
        Assert.True(lines[^10..].Average(line => line.Measures[ContrastiveGraph.Found]) > 0.85);
        Assert.InRange(lines[0].Measures[ContrastiveGraph.Scale], 14, 14.5);
    }

    [Fact]
    public void Model_IsAnEncoderWithItsTextTower()
    {
        RunFolder folder = _runs.Train("run", Trainer(_config with { Steps = 2 }));
        using WeightSource source = WeightSource.Open(folder.Model);
        (ClipTextConfig tower, long embedding) = Assert.NotNull(ClipTextConfig.Find(source, quickGelu: false));
        Assert.Equal((_config.Text with { Heads = 1 }, 8L), (tower, embedding));
        GraphBuilder g = new("encoder");
        using (g.Scope("backbone.clip_model"))
        {
            new ConvNeXt(_config.Image).Build(g, g.Input("image", ElementType.Float, [1, 3, 32, 32]));
        }

        using FrozenWeights encoder = FrozenWeights.Open(folder.Model, g.Parameters);
        Assert.Equal(g.Parameters.Count, encoder.Tensors.Count);
    }

    // 2 heads and 32 pixels are in no weight.
    [Fact]
    public void Run_OfACLIP_IsAFolderThatScoresImages()
    {
        RunFolder folder = _runs.Train("run", Trainer(_config with { Steps = 150 }));
        ColouredPictures pictures = new(width: 32, height: 32);
        using ClipScorer clip = ClipScorer.Load(folder.Path, new ClipScorerOptions { Device = ComputeDevice.Cpu });
        double Score(int image, int caption) => ClipScorer.Cosine(clip.Embed(pictures.LoadImage(image)), clip.Embed(pictures.Caption(caption)));

        Assert.All(Enumerable.Range(0, 6), image => Assert.True(
            Score(image, image) > Enumerable.Range(1, 5).Average(next => Score(image, (image + next) % 6))));
    }

    // The tower's vectors before they are projected are those of the text encoder.
    [Fact]
    public void Model_AsTheTextEncoderOfADiffusion_SaysTheSameOfEveryToken()
    {
        RunFolder folder = _runs.Train("run", Trainer(_config with { Steps = 2 }));
        float[] Hidden(string file, Func<GraphBuilder, Value, Value> build)
        {
            GraphBuilder g = new("texts");
            g.Output("hidden", build(g, g.Input("tokens", ElementType.Int64, [1, 10])));
            using WeightSource source = WeightSource.Open(file);
            (string, TestTensor)[] weights = [.. g.Parameters.Select(p => (p.Name, TestTensor.Of(source.ReadFloats(p.Name), p.Shape.Sizes)))];
            return GraphRun.Once(g, [("tokens", TestTensor.OfIntegers([520, 3, 5, 7, 300, 521, 0, 0, 0, 0], 1, 10)), .. weights])["hidden"].Floats;
        }

        float[] tower = Hidden(folder.Model, (g, tokens) => new ClipText(_config.Text, 8).Hidden(g, tokens));
        TextEncoderConfig sizes = new() { Width = 16, Heads = 2, Layers = 1, Context = 10, Vocabulary = _config.Text.Vocabulary, QuickGelu = false };
        float[] encoder = Hidden(Path.Combine(folder.Path, "text_encoder", "model.safetensors"), (g, tokens) => new TextEncoder(sizes).Build(g, tokens));
        Assert.All(tower.Zip(encoder), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Resume_AfterAStopInTheMiddle_EndsWithTheSameModel(int workers)
    {
        RunFolder whole = _runs.Train("whole", Trainer(_config)), parts = _runs.TrainInTwoParts("parts", Trainer(_config), stopAfter: 13, workers);
        Assert.Equal(File.ReadAllBytes(whole.Checkpoint), File.ReadAllBytes(parts.Checkpoint));
        Assert.Equal(File.ReadAllBytes(whole.Model), File.ReadAllBytes(parts.Model));
    }

    [Fact]
    public void Run_OnTwoThreads_EndsWithTheBitsOfOne() => Assert.Equal(
        File.ReadAllBytes(_runs.Train("one", Trainer(_config with { Steps = 6 })).Model),
        File.ReadAllBytes(_runs.Train("two", Trainer(_config with { Steps = 6 }), threads: 2, workers: 2).Model));

    [Fact]
    public void WholeGraph_OfBothTowers_FollowsDifferences()
    {
        ContrastiveTrainingConfig tiny = _config with
        {
            Batch = 3,
            Image = _config.Image with { Widths = [4, 4, 4, 4], Embedding = 4 },
            Text = new() { Width = 4, Heads = 2, Layers = 1, Context = 4, Vocabulary = 9 },
            StartScale = 3,
        };
        new NetworkGradients(promote: false).Assert(
            g => new ContrastiveGraph(tiny).Loss(g).Total, ("tokens", TestTensor.OfIntegers([7, 1, 8, 0, 7, 2, 3, 8, 7, 8, 0, 0], 3, 4)),
            ("partners", TestTensor.Of([0.5f, 0, 0.5f, 0, 1, 0, 0.5f, 0, 0.5f], 3, 3)));
    }

    [Fact]
    public void Resume_WithOtherSettings_IsRefusedWithBoth()
    {
        _runs.Train("run", Trainer(_config with { Steps = 1 }));
        CloudsException failure = Assert.Throws<CloudsException>(() => _runs.Train("run", Trainer(_config with { Steps = 1, Batch = 5 }), resume: true));
        Assert.Equal(Failure.Usage, failure.Failure);
        Assert.Contains("\"batch\":5", failure.Found, StringComparison.Ordinal);
        Assert.Contains("\"batch\":6", failure.Wanted, StringComparison.Ordinal);
    }

    public static TheoryData<string, Func<ContrastiveTrainingConfig, ContrastiveTrainingConfig>> Misfits => new()
    {
        { "batch", config => config with { Batch = 1 } },
        { "width, height", config => config with { Width = 40 } },
        { "image.depths", config => config with { Image = config.Image with { Depths = [1, 2] } } },
        { "text.width, text.heads", config => config with { Text = config.Text with { Heads = 3 } } },
        { "vocabulary, text.vocabulary", config => config with { Vocabulary = "" } },
        { "startScale, largestScale", config => config with { LargestScale = 5 } },
        { "optimizer.learningRate", config => config with { Optimizer = new() { LearningRate = 0 } } },
    };

    [Theory]
    [MemberData(nameof(Misfits), DisableDiscoveryEnumeration = true)]
    public void Run_SettingsThatDoNotFit_AreRefusedByName(string keys, Func<ContrastiveTrainingConfig, ContrastiveTrainingConfig> change)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => _runs.Train("run", Trainer(change(_config))));
        Assert.Equal((Failure.Usage, $"training of a CLIP: {keys}"), (failure.Failure, failure.Where));
        Assert.False(Directory.Exists(_runs["run"]));
    }

    private static RunOf Trainer(ContrastiveTrainingConfig config) => (options, resume, progress, cancellation) =>
        new ContrastiveTrainer(config, new ColouredPictures(width: 32, height: 32), options).Run(resume, progress, cancellation);
}
