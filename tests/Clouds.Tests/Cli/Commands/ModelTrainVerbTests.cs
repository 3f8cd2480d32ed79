using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Language;
using Clouds.Native.Generation.Weights;
using Clouds.Training.Engine;

namespace Clouds.Tests.Cli.Commands;

/// <summary>`clouds train clip|sam|vae|diffusion|llm` with networks of a few thousand parameters.</summary>
[Kind(TestKind.Fast)]
public sealed class ModelTrainVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TinyTrainings _trainings;

    public ModelTrainVerbTests() => _trainings = new TinyTrainings(_folder["inputs"]);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("train clip", "model.safetensors")]
    [InlineData("train sam", "model.safetensors")]
    [InlineData("train vae", "vae/config.json")]
    [InlineData("train diffusion", "model/model_index.json")]
    [InlineData("train llm", "model/tokenizer.json")]
    public void Train_SettingsOfAFile_WritesRunAndModel(string verb, string model)
    {
        CommandLineRun run = Clouds(verb, "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(2, (int)JsonNode.Parse(run.Out)!["steps"]!);
        Assert.True(File.Exists(_folder[$"run/{model}"]), model);
        Assert.Equal(2, TrainingHistory.Read(_folder["run/history.jsonl"]).Count());
        CommandLineRun again = Clouds(verb);
        Assert.Equal((int)Failure.Usage, again.ExitCode);
        Assert.Contains("the folder holds results of a run", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Resume_OfARunThatIsDone_ChangesNothing()
    {
        Assert.Equal(0, Clouds("train clip").ExitCode);
        byte[] model = File.ReadAllBytes(_folder["run/model.safetensors"]);
        CommandLineRun run = Clouds("train clip", "--resume");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(model, File.ReadAllBytes(_folder["run/model.safetensors"]));
        CommandLineRun other = Clouds("train clip", "--resume", "--set", "beta2=0.9");
        Assert.Equal((int)Failure.Usage, other.ExitCode);
        Assert.Contains("the run was begun with other settings", other.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Diffusion_OnWhatVaeAndClipHaveMade_IsAWholeModel()
    {
        Assert.Equal(0, Clouds("train clip", "--out", _folder["clip"]).ExitCode);
        Assert.Equal(0, Clouds("train vae", "--out", _folder["vae"]).ExitCode);
        string scale = JsonNode.Parse(File.ReadAllText(_folder["vae/vae/config.json"]))!["scaling_factor"]!.ToJsonString();
        CommandLineRun run = Clouds(
            "train diffusion", "--set", $"autoencoderWeights={_folder["vae/vae/diffusion_pytorch_model.safetensors"]}", "--set", $"autoencoder.scale={scale}",
            "--set", $"textWeights={_folder["clip/text_encoder/model.safetensors"]}", "--steps", "1");
        Assert.True(run.ExitCode == 0, run.Error);
        DiffusionWeights model = DiffusionWeights.Open(_folder["run/model"]);
        Assert.Equal((8, 2), (model.Config.TextEncoder.Width, model.Config.Autoencoder.Stride));
    }

    [Fact]
    public void Llm_OnLinesOfText_IsALanguageModelThatOpens()
    {
        Assert.Equal(0, Clouds("train llm").ExitCode);
        using LanguageModel model = LanguageModel.Load(_folder["run/model"]);
        Assert.Equal(32, model.Facts.Context);
    }

    [Theory]
    [InlineData("train llm", "--set", "tokenizer=", "there is no tokenizer")]
    [InlineData("train llm", "--data", "inputs", "nothing there")]
    [InlineData("train clip", "--set", "image.dephts=[1]", "'depths'")]
    [InlineData("train vae", "--set", "beta3=1", "'beta1'")]
    [InlineData("train diffusion", "--data", "streets:source?count=3&width=64&height=64", "captions")]
    [InlineData("train clip", "--data", "inputs", "no list")]
    public void Train_WrongInput_IsRefusedInOneSentence(string verb, string option, string value, string told)
    {
        CommandLineRun run = Clouds(verb, option, value == "inputs" ? _folder["inputs"] : value);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(told, run.Error, StringComparison.Ordinal);
    }

    // What is given later replaces what the line has.
    private CommandLineRun Clouds(string verb, params string[] more)
    {
        List<string> line = [.. _trainings.Line(verb, _folder["run"])];
        foreach (string option in more.Where(word => word is "--data" or "--out"))
        {
            line.RemoveRange(line.IndexOf(option), 2);
        }

        return CommandLineRun.Clouds([.. verb.Split(' '), .. line, .. more]);
    }
}
