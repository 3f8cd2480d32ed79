using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.Llama;
using Clouds.Native.Generation.Language;
using Clouds.Verification.Golden;

namespace Clouds.Tests.Native.Generation.Language;

/// <summary>Language models from their folders: what they answer, in whatever type and however many files; and folders that are none.</summary>
[Kind(TestKind.Fast)]
public sealed class LanguageModelTests : IDisposable
{
    private static readonly ChatTurn[] Question = [new(ChatRole.User, "HELLO")];
    private static readonly AnswerOptions Twenty = new() { Temperature = 0, MaximumTokens = 20 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("llama2_gqa")]
    [InlineData("low_variance")]
    public void Answer_Greedily_IsTheGoldenContinuation(string name)
    {
        using GoldenCase golden = GoldenCase.Load(Path.Combine(Repository.Root, "tests/golden/llama", name));
        (GoldenTensor prompt, GoldenTensor generated) = (golden.Tensor("input.ids"), golden.Tensor("generated"));
        (int length, int count) = ((int)prompt.Shape[1], (int)generated.Shape[1]);
        using LanguageModel model = Load(TinyLlama.WriteGolden(_folder["golden"], name));
        for (int text = 0; text < prompt.Shape[0]; text++)
        {
            string asked = string.Concat(prompt.AsIntegers().Skip(text * length).Take(length).Select(TinyLlama.Letter));
            string expected = string.Concat(generated.AsIntegers().Skip(text * count).Take(count).Select(TinyLlama.Letter));
            Assert.Equal(expected, model.Answer([new(ChatRole.User, asked)], new AnswerOptions { Temperature = 0, MaximumTokens = count }, seed: 1));
        }
    }

    [Theory]
    [InlineData(WeightType.F16, 1, "fp16")]
    [InlineData(WeightType.BF16, 3, "bf16")]
    [InlineData(WeightType.F32, 2, "fp32")]
    public void Load_OtherTypesAndShards_TellsWhatItIsAndAnswers(WeightType type, int shards, string precision)
    {
        using LanguageModel model = Load(TinyLlama.Write(_folder["llama"], type, shards));
        Assert.Equal((precision, 512, "llama"), (model.Facts.Precision, model.Facts.Context, model.Facts.Name));
        Assert.Equal(shards + 2, model.Facts.Files.Count);
        Assert.All(model.Facts.Files, file => Assert.Matches("^[0-9a-f]{64}$", file.Sha256));
        Assert.Equal(20, model.Answer(Question, Twenty, seed: 1).Length);
    }

    [Fact]
    public void Answer_SameSeed_IsTheSameOnAnyNumberOfThreads()
    {
        string folder = TinyLlama.Write(_folder["llama"]);
        AnswerOptions drawn = new() { Temperature = 2, TopK = 0, TopP = 1, MaximumTokens = 60 };
        string[] answers = [.. new[] { 1, 2, 3 }.Select(threads =>
        {
            using LanguageModel model = Load(folder, threads);
            return model.Answer(Question, drawn, seed: 5);
        })];
        Assert.Single(answers.Distinct());
        using LanguageModel again = Load(folder);
        Assert.Equal(answers[0], again.Answer(Question, drawn, seed: 5));
        Assert.NotEqual(answers[0], again.Answer(Question, drawn, seed: 6));
    }

    // A prompt of several calls, of which the last is one token, and of one call.
    [Fact]
    public void Answer_LongQuestion_IsThatOfTheWholeTextsNetwork()
    {
        using LanguageModel model = Load(TinyLlama.Write(_folder["llama"]));
        string asked = string.Concat(Enumerable.Range(0, 257).Select(i => TinyLlama.Letter(i * i % 61)));
        string answer = model.Answer([new(ChatRole.User, asked)], Twenty, seed: 1);
        for (int known = 1; known < 6; known++)
        {
            string next = model.Answer([new(ChatRole.User, asked + answer[..known])], new AnswerOptions { Temperature = 0, MaximumTokens = 1 }, seed: 1);
            Assert.Equal(answer[known..(known + 1)], next);
        }
    }

    [Fact]
    public void Answer_WithAStop_EndsInFrontOfItAndWasToldInPieces()
    {
        using LanguageModel model = Load(TinyLlama.Write(_folder["llama"]));
        string whole = model.Answer(Question, Twenty, seed: 1);
        string stop = whole[5..8];
        List<string> pieces = [];
        string ended = model.Answer(Question, new AnswerOptions { Temperature = 0, MaximumTokens = 20, Stop = [stop] }, 1, new Listener(pieces));
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], ended);
        Assert.Equal(ended, string.Concat(pieces));
    }

    [Fact]
    public void Answer_ModelsOwnEnd_EndsIt()
    {
        string folder = TinyLlama.Write(_folder["llama"]);
        string whole;
        using (LanguageModel model = Load(folder))
        {
            whole = model.Answer(Question, Twenty, seed: 1);
        }

        File.WriteAllText(Path.Combine(folder, "generation_config.json"), $$"""{"eos_token_id": [{{whole[3] - '!'}}, 63]}""");
        using LanguageModel ending = Load(folder);
        Assert.Equal(whole[..whole.IndexOf(whole[3], StringComparison.Ordinal)], ending.Answer(Question, Twenty, seed: 1));
    }

    [Fact]
    public void Answer_NetworkWithMoreRowsThanTokens_SaysTokensOnly()
    {
        string folder = TinyLlama.Write(_folder["llama"]);
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), """{"model": {"type": "BPE", "vocab": {"!": 0, "H": 1, "E": 2}, "merges": []}}""");
        using LanguageModel model = Load(folder);
        Assert.Matches("^[!HE]{40}$", model.Answer(Question, new AnswerOptions { Temperature = 9, TopK = 0, TopP = 1, MaximumTokens = 40 }, seed: 1));
    }

    [Fact]
    public void Answer_BeyondTheContext_IsAnError()
    {
        using LanguageModel model = LanguageModel.Load(
            TinyLlama.Write(_folder["llama"]), new LanguageModelOptions { Format = ChatFormat.Plain, Context = 8 });
        Assert.Equal(3, model.Answer(Question, new AnswerOptions { Temperature = 0, MaximumTokens = 3 }, seed: 1).Length);
        CloudsException writing = Assert.Throws<CloudsException>(() => model.Answer(Question, Twenty, seed: 1));
        CloudsException asking = Assert.Throws<CloudsException>(() => model.Answer([new(ChatRole.User, "HELLOHELLO")], Twenty, seed: 1));
        Assert.All(new[] { writing, asking }, e => Assert.Equal(Failure.BadInput, e.Failure));
        Assert.Contains("10 tokens", asking.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Answer_Cancelled_Throws()
    {
        using LanguageModel model = Load(TinyLlama.Write(_folder["llama"]));
        Assert.ThrowsAny<OperationCanceledException>(() => model.Answer(Question, Twenty, 1, null, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Answer_ANewToken_TakesNoMemoryOfTensors()
    {
        using LanguageModel model = Load(TinyLlama.Write(_folder["llama"]));
        long Bytes(int tokens)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            model.Answer(Question, new AnswerOptions { Temperature = 0, MaximumTokens = tokens }, seed: 1);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Bytes(10);
        // A run's options and the token's text; the scores alone would be 256 bytes, a layer's cache 98,304.
        Assert.InRange((Bytes(210) - Bytes(10)) / 200, 0, 1500);
    }

    public static TheoryData<string, Failure, string> Damages => new()
    {
        { "no config", Failure.BadInput, "no config.json" },
        { "config cut short", Failure.BadInput, "config.json" },
        { "another network", Failure.BadInput, "model_type" },
        { "heads that do not divide", Failure.BadInput, "num_key_value_heads" },
        { "attention with bias", Failure.BadInput, "attention_bias" },
        { "another scaling", Failure.BadInput, "rope_type" },
        { "other sizes", Failure.Weights, "mis-shaped" },
        { "no tokenizer", Failure.BadInput, "tokenizer.json" },
        { "tokenizer cut short", Failure.BadInput, "tokenizer.json" },
        { "larger tokenizer", Failure.BadInput, "a tokenizer of 64 tokens" },
        { "weights cut short", Failure.Weights, "model.safetensors" },
        { "missing shard", Failure.Weights, "model-00002-of-00002.safetensors" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void Load_DamagedFolder_SaysWhatIsWrong(string damage, Failure failure, string told)
    {
        string folder = TinyLlama.Write(_folder["llama"], shards: damage == "missing shard" ? 2 : 1, change: config => Damage(config, damage));
        DamageFiles(folder, damage);
        CloudsException e = Assert.Throws<CloudsException>(() => Load(folder).Dispose());
        Assert.Equal(failure, e.Failure);
        Assert.Contains(told, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("temperature")]
    [InlineData("topk")]
    [InlineData("topp")]
    [InlineData("tokens")]
    [InlineData("stop")]
    public void Answer_OptionOutOfRange_IsNamed(string option)
    {
        AnswerOptions wrong = option switch
        {
            "temperature" => new() { Temperature = double.NaN },
            "topk" => new() { TopK = -1 },
            "topp" => new() { TopP = 0 },
            "tokens" => new() { MaximumTokens = 0 },
            _ => new() { Stop = [""] },
        };
        using LanguageModel model = Load(TinyLlama.Write(_folder["llama"]));
        Assert.Equal(Failure.Usage, Assert.Throws<CloudsException>(() => model.Answer(Question, wrong, seed: 1)).Failure);
    }

    [Fact]
    public void Load_Llama3Sizes_AreRead()
    {
        JsonObject json = (JsonObject)JsonNode.Parse("""
            {"model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
             "intermediate_size": 14336, "vocab_size": 128256, "max_position_embeddings": 131072, "rms_norm_eps": 1e-05, "rope_theta": 500000.0,
             "rope_scaling": {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192, "rope_type": "llama3"},
             "head_dim": 128, "attention_bias": false, "mlp_bias": false, "tie_word_embeddings": false, "eos_token_id": [128001, 128009]}
            """)!;
        Clouds.Graph.Json.StrictJson config = Clouds.Graph.Json.StrictJson.Parse(JsonSerializer.SerializeToUtf8Bytes(json),
            new Clouds.Graph.Json.JsonOrigin("the settings", "config.json", Failure.BadInput, "fetch them"));
        Assert.Equal(new LlamaConfig
        {
            KeyValueHeads = 8, HeadWidth = 128, FeedForward = 14336, Vocabulary = 128256, Context = 131072, RopeTheta = 500_000, RopeScaling = new(),
        }, LlamaSettings.Read(config));
        Assert.Equal([128001, 128009], LlamaSettings.Ends(null, config));
    }

    private static LanguageModel Load(string path, int threads = 1) =>
        LanguageModel.Load(path, new LanguageModelOptions { Format = ChatFormat.Plain, Threads = threads });

    private static void Damage(JsonObject config, string damage)
    {
        (string key, JsonNode? value) = damage switch
        {
            "another network" => ("model_type", "gpt2"),
            "heads that do not divide" => ("num_key_value_heads", 3),
            "attention with bias" => ("attention_bias", true),
            "another scaling" => ("rope_scaling", new JsonObject { ["rope_type"] = "yarn" }),
            "other sizes" => ("intermediate_size", 80),
            "larger tokenizer" => ("vocab_size", 60),
            _ => ("hidden_act", (JsonNode?)"silu"),
        };
        config[key] = value;
    }

    private static void DamageFiles(string folder, string damage)
    {
        string File(string name) => Path.Combine(folder, name);
        void Cut(string name) => System.IO.File.WriteAllBytes(File(name), System.IO.File.ReadAllBytes(File(name))[..^100]);
        switch (damage)
        {
            case "no config":
                System.IO.File.Delete(File("config.json"));
                break;
            case "no tokenizer":
                System.IO.File.Delete(File("tokenizer.json"));
                break;
            case "missing shard":
                System.IO.File.Delete(File("model-00002-of-00002.safetensors"));
                break;
            case "config cut short":
                Cut("config.json");
                break;
            case "tokenizer cut short":
                Cut("tokenizer.json");
                break;
            case "weights cut short":
                Cut("model.safetensors");
                break;
            default:
                break;
        }
    }

    private sealed class Listener(List<string> pieces) : IProgress<string>
    {
        public void Report(string value) => pieces.Add(value);
    }
}
