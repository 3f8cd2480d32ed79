using System.Text;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Llama;
using Clouds.Tests.Graph;
using Clouds.Tests.Models;
using Clouds.Tests.Training.Engine;
using Clouds.Training.Engine;
using Clouds.Training.Language;

namespace Clouds.Tests.Training.Language;

/// <summary>A Llama that trains in seconds, on texts as bytes.</summary>
[Kind(TestKind.Fast)]
public sealed class LanguageTrainerTests : IDisposable
{
    private const int Bytes = 3;

    private static readonly string[] Lines = ["a bus in the fog", "a car in the rain", "a tram at night"];

    private static readonly LanguageTrainingConfig Config = new()
    {
        Network = new() { Width = 16, Layers = 1, Heads = 4, KeyValueHeads = 2, FeedForward = 32, Vocabulary = Bytes + 128, Context = 24 },
        Length = 20,
        Steps = 24,
        Batch = 4,
        Optimizer = new() { LearningRate = 1e-2, WeightDecay = 0.01, ClipNorm = 1, WarmupSteps = 5 },
        CheckpointEvery = 10,
    };

    private readonly ModelRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    // At chance the loss is ln 131 = 4.9; which of three texts comes next costs ln 3 in 18 tokens.
    [Fact]
    public void Run_FromRandomWeights_LearnsTheTextsByHeart()
    {
        RunFolder folder = _runs.Train("run", Trainer(Config with { Steps = 200 }));
        (double first, double last) = _runs.Losses("run");
        Assert.InRange(first, 3.5, 5.2);
        Assert.True(last < 0.3, $"from {first} to {last}");
        Assert.True(TrainingHistory.Read(folder.History)[^1].Measures[LanguageGraph.Found] > 0.85);
        Assert.Equal("the fog", Continue(folder, "a bus in "));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Model_HasPublishedNamesAndTellsItsSizes(bool tied)
    {
        LanguageTrainingConfig config = Config with
        {
            Steps = 1, Tokenizer = _runs["tokenizer.json"], Network = Config.Network with { TiedEmbeddings = tied, RopeScaling = new(), HeadWidth = 6 },
        };
        File.WriteAllText(_runs["tokenizer.json"], "{}");
        string folder = LanguageTrainer.ModelOf(_runs.Train("run", Trainer(config)));
        JsonNode told = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!;
        Assert.Equal((16, 32, 6), ((int)told["hidden_size"]!, (int)told["intermediate_size"]!, (int)told["head_dim"]!));
        Assert.Equal(tied, (bool)told["tie_word_embeddings"]!);
        Assert.Equal("llama3", (string?)told["rope_scaling"]!["rope_type"]);
        Assert.Equal("{}", File.ReadAllText(Path.Combine(folder, "tokenizer.json")));
        using WeightSource source = WeightSource.Open(Path.Combine(folder, "model.safetensors"));
        Assert.Equal(!tied, source.Tensors.ContainsKey("lm_head.weight"));
        Assert.Equal([24, 16], source.Tensors["model.layers.0.self_attn.q_proj.weight"].Shape);
    }

    [Fact]
    public void Resume_AfterAStopInTheMiddle_EndsWithTheSameModel()
    {
        RunFolder whole = _runs.Train("whole", Trainer(Config)), parts = _runs.TrainInTwoParts("parts", Trainer(Config), stopAfter: 13, workers: 1);
        Assert.Equal(File.ReadAllBytes(whole.Checkpoint), File.ReadAllBytes(parts.Checkpoint));
        Assert.Equal(File.ReadAllBytes(Weights(whole)), File.ReadAllBytes(Weights(parts)));
    }

    [Fact]
    public void Run_OnTwoThreads_EndsWithTheBitsOfOne() => Assert.Equal(
        File.ReadAllBytes(Weights(_runs.Train("one", Trainer(Config with { Steps = 6 })))),
        File.ReadAllBytes(Weights(_runs.Train("two", Trainer(Config with { Steps = 6 }), threads: 2))));

    [Fact]
    public void Run_FromAModel_GoesOnWhereItStood()
    {
        RunFolder begun = _runs.Train("begun", Trainer(Config with { Steps = 100 }));
        _runs.Train("run", Trainer(Config with { From = Weights(begun), Steps = 10 }));
        Assert.True(_runs.Losses("run").First < _runs.Losses("begun").First / 2);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void WholeGraph_WithSharedHeads_FollowsDifferences(int keyValueHeads)
    {
        LlamaConfig network = new()
        {
            Width = 8, Layers = 1, Heads = 4, KeyValueHeads = keyValueHeads, FeedForward = 12, Vocabulary = 9, Context = 6, Epsilon = 1e-3f,
        };
        LanguageGraph graph = new(Config with { Network = network, Batch = 2, Length = 5 });
        new NetworkGradients(promote: false).Assert(
            g => graph.Loss(g).Total, ("tokens", TestTensor.OfIntegers([0, 1, 2, 3, 4, 5, 6, 7, 8, 0], 2, 5)),
            ("next", TestTensor.OfIntegers([1, 2, 3, 4, 5, 6, 7, 8, 0, 1], 2, 5)));
    }

    public static TheoryData<string, LanguageTrainingConfig> Misfits => new()
    {
        { "length, network.context", Config with { Length = 25 } },
        { "network.heads, network.keyValueHeads", Config with { Network = Config.Network with { KeyValueHeads = 3 } } },
        { "network.width, network.heads, network.headWidth", Config with { Network = Config.Network with { HeadWidth = 5 } } },
        { "texts, network.vocabulary", Config with { Network = Config.Network with { Vocabulary = 100 } } },
        { "start, end, network.vocabulary", Config with { End = 200 } },
        { "steps, batch", Config with { Steps = 0 } },
        { "texts, length", Config with { Length = 5, Packed = false } },
    };

    [Theory]
    [MemberData(nameof(Misfits), DisableDiscoveryEnumeration = true)]
    public void Run_SettingsThatDoNotFit_AreRefusedByName(string keys, LanguageTrainingConfig config)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => _runs.Train("run", Trainer(config)));
        Assert.Equal((Failure.Usage, $"training of a language model: {keys}"), (failure.Failure, failure.Where));
        Assert.False(Directory.Exists(_runs["run"]));
    }

    private static string Weights(RunFolder folder) => Path.Combine(LanguageTrainer.ModelOf(folder), "model.safetensors");

    private static int[] Tokens(string text) => [1, .. Encoding.ASCII.GetBytes(text).Select(letter => letter + Bytes), 2];

    private static RunOf Trainer(LanguageTrainingConfig config) => (options, resume, progress, cancellation) =>
        new LanguageTrainer(config, new ByteLines(config.Packed ? 0 : 6), options).Run(resume, progress, cancellation);

    private sealed class ByteLines(int given) : ITokenizedTexts
    {
        public string Name => "lines";

        public int Count => Lines.Length;

        public TokenizedText Read(int index) => new(Tokens(Lines[index]), given);
    }

    // The most probable token, one after the other, up to the end.
    private static string Continue(RunFolder folder, string start)
    {
        List<long> text = [.. Tokens(start)[..^1].Select(token => (long)token)];
        int given = text.Count;
        using WeightSource source = WeightSource.Open(Weights(folder));
        while (text[^1] != 2 && text.Count < Config.Network.Context)
        {
            GraphBuilder g = new("network");
            g.Output("logits", new LlamaNetwork(Config.Network).Build(g, g.Input("tokens", ElementType.Int64, [1, text.Count])));
            (string, TestTensor)[] weights = [.. g.Parameters.Select(p => (p.Name, TestTensor.Of(source.ReadFloats(p.Name), p.Shape.Sizes)))];
            float[] logits = GraphRun.Once(g, [("tokens", TestTensor.OfIntegers([.. text], 1, text.Count)), .. weights])["logits"].Floats;
            float[] last = logits[^Config.Network.Vocabulary..];
            text.Add(Array.IndexOf(last, last.Max()));
        }

        return Encoding.ASCII.GetString([.. text[given..^1].Select(token => (byte)(token - Bytes))]);
    }
}
