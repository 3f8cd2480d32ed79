using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Native.Generation.Language;
using Clouds.Native.Generation.Store;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Packing;

namespace Clouds.Tests.Cli.Commands;

/// <summary>`clouds model pack` of trainings of a moment: everything opens what it writes.</summary>
[Kind(TestKind.Fast)]
public sealed class ModelPackVerbTests : IDisposable
{
    private const string Page = "README.md";

    private readonly TemporaryFolder _folder = new();

    public ModelPackVerbTests() => ImageFile.WritePng(_folder["a.png"], Pictures.Noise(48, 48));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("clip", "model.safetensors")]
    [InlineData("sam", "model.safetensors")]
    [InlineData("vae", "diffusion_pytorch_model.safetensors")]
    [InlineData("diffusion", "unet/diffusion_pytorch_model.safetensors")]
    [InlineData("llm", "model.safetensors")]
    public void Pack_OfATraining_HasHalvesAndACardThatTellsAll(string kind, string weights)
    {
        PackedCard card = Pack(kind);
        using WeightSource source = WeightSource.Open(_folder[$"packed/{weights}"]);
        Assert.All(source.Tensors.Values, tensor => Assert.Equal(WeightType.F16, tensor.Type));
        Assert.Equal((kind, 2, 1), (card.Kind, card.Steps, card.Seed));
        Assert.Equal($"clouds train {kind} settings.json --data '{card.Data}' --out run", card.Command);
        Assert.Contains(card.Data, File.ReadAllText(Path.Combine(TinyTrainings.Run($"train {kind}"), "run.json")), StringComparison.Ordinal);
        foreach (PackedFile file in card.Files)
        {
            byte[] bytes = File.ReadAllBytes(_folder[$"packed/{file.File}"]);
            Assert.Equal((bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes))), (file.Bytes, file.Sha256));
        }

        Assert.DoesNotContain(Path.GetTempPath(), File.ReadAllText(_folder["packed/settings.json"]), StringComparison.Ordinal);
        Assert.Contains("Nobody has measured it yet", File.ReadAllText(_folder[$"packed/{Page}"]), StringComparison.Ordinal);
    }

    // Of these alone no setting is a path, which would be told from another folder.
    [Theory]
    [InlineData("sam", "model.safetensors", "\"kind\": \"sam_vit\"")]
    [InlineData("vae", "vae/diffusion_pytorch_model.safetensors", "\"schedule\": \"")]
    public void Settings_OfACard_TrainTheSameBitsAgain(string kind, string weights, string written)
    {
        PackedCard card = Pack(kind);
        Assert.Contains(written, File.ReadAllText(_folder["packed/settings.json"]), StringComparison.Ordinal);
        CommandLineRun run = CommandLineRun.Clouds(
            "train", kind, _folder["packed/settings.json"], "--data", card.Data, "--out", _folder["again"], "--device", "cpu");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(File.ReadAllBytes(Path.Combine(TinyTrainings.Run($"train {kind}"), weights)), File.ReadAllBytes(_folder[$"again/{weights}"]));
    }

    [Fact]
    public void Clip_Packed_ScoresAsTheRunsDoes()
    {
        Pack("clip");
        Assert.False(Directory.Exists(_folder["packed/text_encoder"]));
        RgbImage image = ImageFile.Read(_folder["a.png"]);
        using ClipScorer whole = ClipScorer.Load(TinyTrainings.Run("train clip"), new ClipScorerOptions { Device = ComputeDevice.Cpu });
        using ClipScorer packed = ClipScorer.Load(_folder["packed"], new ClipScorerOptions { Device = ComputeDevice.Cpu });
        Assert.InRange(ClipScorer.Cosine(whole.Embed(image), packed.Embed(image)), 0.999, 1.001);
    }

    [Fact]
    public void Sam_Packed_MakesMasks()
    {
        Pack("sam");
        CommandLineRun run = CommandLineRun.Clouds(
            "sam", _folder["a.png"], "--weights", _folder["packed/model.safetensors"], "--points", "10,10", "--out", _folder["masks"], "--device", "cpu");
        Assert.True(run.ExitCode == 0, run.Error);
    }

    [Fact]
    public void Diffusion_Packed_Paints()
    {
        Pack("diffusion");
        File.WriteAllText(_folder["prompts.txt"], "a red square\n");
        CommandLineRun run = CommandLineRun.Clouds(
            "generate", "--model", _folder["packed"], "--prompts", _folder["prompts.txt"], "--steps", "1", "--out", _folder["painted"], "--device", "cpu");
        Assert.True(run.ExitCode == 0, run.Error);
    }

    [Fact]
    public void Llm_Packed_SaysItsTypeAndOpens()
    {
        Pack("llm");
        Assert.Equal("float16", (string?)JsonNode.Parse(File.ReadAllText(_folder["packed/config.json"]))!["torch_dtype"]);
        using LanguageModel model = LanguageModel.Load(_folder["packed"]);
        Assert.Equal(32, model.Facts.Context);
    }

    [Fact]
    public void Pack_OnceMoreWithAnEvaluation_ShowsWhatWasMeasured()
    {
        PackedCard card = Pack("sam");
        Assert.Equal((int)Failure.Usage, CommandLineRun.Clouds("model", "pack", TinyTrainings.Run("train sam"), "--out", _folder["packed"]).ExitCode);
        string files = $$"""[{ "name": "model.safetensors", "sha256": "{{card.Files[0].Sha256}}" }]""";
        File.WriteAllText(_folder["judged/evaluation.json"],
            $$"""{ "data": "world:fog", "count": 9, "seed": 4, "files": {{files}}, "measures": { "iou1": 0.75 } }""");
        File.WriteAllBytes(_folder["judged/sheet.png"], File.ReadAllBytes(_folder["a.png"]));
        CommandLineRun run = CommandLineRun.Clouds(
            "model", "pack", TinyTrainings.Run("train sam"), "--out", _folder["packed"], "--evaluation", _folder["judged"], "--overwrite");
        Assert.True(run.ExitCode == 0, run.Error);
        string page = File.ReadAllText(_folder[$"packed/{Page}"]);
        Assert.Contains("Of these files, on `world:fog`, 9 of them, seed 4.", page, StringComparison.Ordinal);
        Assert.Contains("| iou1 | 0.75 |", page, StringComparison.Ordinal);
        Assert.Contains("](sheet.jpg)", page, StringComparison.Ordinal);
        RgbImage shown = ImageFile.Read(_folder["packed/sheet.jpg"]), drawn = ImageFile.Read(_folder["judged/sheet.png"]);
        Assert.Equal((drawn.Width, drawn.Height), (shown.Width, shown.Height));
    }

    [Fact]
    public void Pack_WeightTooLargeForAHalf_IsRefused()
    {
        TinyTrainings.Trained("train sam", _folder["inputs"], _folder["run"]);
        using (SafetensorsWriter writer = new(_folder["run/model.safetensors"], [new("large", WeightType.F32, [1])]))
        {
            writer.Write("large", (float[])[65520]);
            writer.Commit();
        }

        CommandLineRun run = CommandLineRun.Clouds("model", "pack", _folder["run"], "--out", _folder["packed"]);
        Assert.Equal((int)Failure.Numeric, run.ExitCode);
        Assert.Contains("65520", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Pack_RunOfASegmenter_IsRefused()
    {
        CommandLineRun run = CommandLineRun.Clouds("model", "pack", Path.GetDirectoryName(TinyRun.Model)!, "--out", _folder["packed"]);
        Assert.Equal((int)Failure.BadInput, run.ExitCode);
        Assert.Contains("there is nothing to pack", run.Error, StringComparison.Ordinal);
    }

    private PackedCard Pack(string kind)
    {
        CommandLineRun run = CommandLineRun.Clouds("model", "pack", TinyTrainings.Run($"train {kind}"), "--out", _folder["packed"]);
        Assert.True(run.ExitCode == 0, run.Error);
        return PackedCard.Read(File.ReadAllBytes(_folder["packed/card.json"]), "card.json");
    }
}
