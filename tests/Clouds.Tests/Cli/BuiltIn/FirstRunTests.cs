using System.Text.Json.Nodes;
using Clouds.Cli.BuiltIn;
using Clouds.Graph.Weights;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Cli.BuiltIn;

/// <summary>`clouds train` where nobody names weights, with a CLIP of a few thousand parameters as the one that is built in.</summary>
[Kind(TestKind.Fast)]
[Collection(MiniaturesTests.Collection)]
public sealed class FirstRunTests : IDisposable
{
    private static readonly string[] Smaller =
    [
        "network.pixelDecoder.width=32", "network.pixelDecoder.maskWidth=32", "network.pixelDecoder.layers=1", "network.pixelDecoder.feedForward=32",
        "network.transformerDecoder.width=32", "network.transformerDecoder.maskWidth=32", "network.transformerDecoder.layers=1",
        "network.transformerDecoder.feedForward=32", "batch=1", "steps=1", "loss.points=32", "augmentation.frameWidth=64", "augmentation.frameHeight=64",
        "augmentation.cropWidth=64", "augmentation.cropHeight=64",
    ];

    private readonly TemporaryFolder _folder = new();

    public FirstRunTests()
    {
        CommandLineRun packed = CommandLineRun.Clouds("model", "pack", TinyTrainings.Run("train clip"), "--out", _folder["mini/clip"]);
        Assert.True(packed.ExitCode == 0, packed.Error);
        CarriedWeights.Install(name => _folder[name.Replace(':', '/')]);
    }

    public void Dispose()
    {
        CarriedWeights.Install(null);
        _folder.Dispose();
    }

    [Fact]
    public void Train_NothingNamed_TakesTheMiniatureAndSaysWhatItIs()
    {
        CommandLineRun run = Train("--set", "training.seed=3");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("the miniature CLIP that this program carries (mini:clip), frozen, 0.0 million parameters", run.Error, StringComparison.Ordinal);
        Assert.Contains("training.encoder.weights=FILE", run.Error, StringComparison.Ordinal);
        JsonNode training = JsonNode.Parse(File.ReadAllText(_folder["run/config.json"]))!["training"]!;
        Assert.Equal(("mini:clip", false, 3L), ((string?)training["encoder"]!["weights"], (bool)training["encoder"]!["trainable"]!, (long)training["seed"]!));
        Assert.Equal("[4,4,4,8]", training["network"]!["encoder"]!["widths"]!.ToJsonString());
    }

    [Fact]
    public void Train_PresetByName_DoesTheSameWithoutWords()
    {
        CommandLineRun run = Train(["--preset", "mini", .. Smaller.SelectMany(setting => new[] { "--set", $"training.{setting}" })]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.DoesNotContain("no weights are named", run.Error, StringComparison.Ordinal);
        using WeightSource clip = WeightSource.Open("mini:clip"), model = WeightSource.Open(_folder["run/model.safetensors"]);
        const string Stem = "visual.trunk.stem.0.weight";
        Assert.Equal(clip.ReadFloats(Stem), model.ReadFloats($"backbone.clip_model.{Stem}"));
        CommandLineRun more = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume", "--steps", "2");
        Assert.True(more.ExitCode == 0, more.Error);
    }

    [Theory]
    [InlineData("training.encoder.trainable=true")]
    [InlineData("training.network.encoder.kind=clip_rn50")]
    public void Train_EncoderNamedWithoutWeights_IsRefusedAsBefore(string setting)
    {
        CommandLineRun run = Train("--set", setting);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("there are no weights for the encoder", run.Error, StringComparison.Ordinal);
        Assert.Contains("--preset mini", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ConfigShow_Mini_TellsTheSizesOfTheCarriedWeights()
    {
        CommandLineRun run = CommandLineRun.Clouds("config", "show", "--preset", "mini", "--json");
        JsonNode depths = JsonNode.Parse(run.Out)!.AsArray().First(leaf => (string?)leaf!["key"] == "training.network.encoder.depths")!;
        Assert.Equal(("[1,1,1,1]", "preset mini"), (depths["value"]!.ToJsonString(), (string?)depths["origin"]));
    }

    [Fact]
    public void List_Miniatures_TellsWhatTheirCardsSay()
    {
        string[] files = Directory.GetFiles(_folder["mini/clip"], "*", SearchOption.AllDirectories);
        Dictionary<string, Func<Stream>> carried = files.ToDictionary(
            file => Path.GetRelativePath(_folder["mini"], file), file => (Func<Stream>)(() => File.OpenRead(file)));
        MiniatureList list = new(new MiniatureFiles(carried, [_folder["unpacked"]]));
        Assert.Equal(["mini:clip", "miniature: a CLIP with a ConvNeXt, 0.0 million parameters", "MIT", "known", "built in"], Assert.Single(list.Rows));
        Assert.Contains(list.About("mini:clip"), row => row[0] == "training" && row[1].StartsWith("2 steps, seed 1", StringComparison.Ordinal));
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "unpacked", "clip")));
    }

    // Decoders of two steps at full size would take their time; a run that is only begun has told all.
    private CommandLineRun Train(params string[] more)
    {
        string[] words = ["train", "--data", "streets:source?count=2&width=64&height=64", "--out", _folder.Path + "/run", "--device", "cpu", .. more];
        return more.Contains("--preset") ? CommandLineRun.Clouds(words)
            : CommandLineRun.Clouds([.. words, "--set", "training.steps=1", "--set", "training.batch=1", "--set", "training.checkpointEvery=1"]);
    }
}
