using System.Text.Json;
using Clouds.Training.Engine;

namespace Clouds.Tests.Cli.Commands;

/// <summary>`clouds train` with data sets that it is scored on meanwhile.</summary>
[Kind(TestKind.Fast)]
public sealed class TrainValidationTests : IDisposable
{
    private const string Night = "streets:night?count=3&width=64&height=64&split=test", Fog = "streets:fog?count=2&width=64&height=64&split=test";

    private static readonly string[] OnBoth = ["--set", $"training.validation.data=[\"{Night}\",\"{Fog}\"]", "--set", "training.validation.every=2"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_WithValidation_HasTheSameModelRecordsEachSetAndKeepsTheBest()
    {
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 5, OnBoth));
        Assert.True(run.ExitCode == 0, run.Error);
        CommandLineRun.Clouds(TinyRun.Train(_folder["plain"], 5));
        Assert.Equal(File.ReadAllBytes(_folder["plain/model.safetensors"]), File.ReadAllBytes(_folder["run/model.safetensors"]));

        IReadOnlyList<ValidationLine> lines = TrainingHistory.Validations(_folder["run/history.jsonl"]);
        Assert.Equal([2L, 4, 5], lines.Select(line => line.Step));
        Assert.All(lines, line => Assert.Equal(["streets-night-test", "streets-fog-test"], line.Validation.Select(score => score.Data)));
        ValidationLine best = lines.Last(line => line.Best);
        Assert.Equal(lines.Max(line => line.MeanIou), best.MeanIou);
        Assert.Equal(best.Step, JsonElement.Parse(File.ReadAllBytes(_folder["run/best.json"])).GetProperty("step").GetInt64());
        Assert.False(File.Exists(_folder["run/candidate.safetensors"]));
    }

    // What was scored while it was trained is what is scored afterwards.
    [Fact]
    public void Evaluate_TheBestModel_GivesTheScoreThatItWasKeptFor()
    {
        CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 4, OnBoth));
        CommandLineRun run = CommandLineRun.Clouds("evaluate", _folder["run/best.safetensors"], "--data", Night, "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        double scored = JsonElement.Parse(run.Out)[0].GetProperty("scores").GetProperty("meanIou").GetDouble();
        JsonElement kept = JsonElement.Parse(File.ReadAllBytes(_folder["run/best.json"]));
        Assert.Equal(kept.GetProperty("validation")[0].GetProperty("meanIou").GetDouble(), scored);
    }

    [Fact]
    public void Resume_BetweenValidations_EndsWithTheSameBestAndTheSameHistory()
    {
        CommandLineRun.Interrupted("train 1/4", TinyRun.Train(_folder["run"], 4, OnBoth));
        CommandLineRun resumed = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        CommandLineRun.Clouds(TinyRun.Train(_folder["whole"], 4, OnBoth));
        Assert.Equal(File.ReadAllBytes(_folder["whole/best.safetensors"]), File.ReadAllBytes(_folder["run/best.safetensors"]));
        Assert.Equal(
            TrainingHistory.Validations(_folder["whole/history.jsonl"]).Select(line => (line.Step, line.MeanIou, line.Best)),
            TrainingHistory.Validations(_folder["run/history.jsonl"]).Select(line => (line.Step, line.MeanIou, line.Best)));
    }

    [Fact]
    public void Train_ValidatedOnOneOfFewImages_TakesThemAtEvenDistances()
    {
        string[] settings = [$"data=[\"{Night}\"]", "images=1", "before=true"];
        IEnumerable<string> one = settings.SelectMany(setting => new[] { "--set", $"training.validation.{setting}" });
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 1, [.. one, "--json"]));
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("\"stage\":\"evaluate streets-night-test\",\"done\":1,\"total\":1", run.Error, StringComparison.Ordinal);
        Assert.Equal([0L, 1], TrainingHistory.Validations(_folder["run/history.jsonl"]).Select(line => line.Step));
    }

    [Fact]
    public void Train_StepsThatAreFarTooLong_EndInOneClassEverywhereWhichIsTold()
    {
        string[] settings = ["optimizer.learningRate=1", "optimizer.warmupSteps=0", "optimizer.clipNorm=0"];
        string[] far = [.. OnBoth, .. settings.SelectMany(setting => new[] { "--set", $"training.{setting}" })];
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 2, far));
        Assert.Matches("streets-night-test after 2 steps: .*the network knows one class", run.Error);
    }

    [Fact]
    public void Train_NoGainForAsLongAsPatienceLasts_EndsAndSaysSo()
    {
        string[] still = [.. OnBoth, "--set", "training.validation.patience=1", "--set", "training.optimizer.learningRate=1e-12"];
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 50, still));
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("training ended after 4 of 50 steps: no validation was better than that after step 2", run.Error, StringComparison.Ordinal);
        Assert.Contains("model.safetensors: 4 steps", run.Out, StringComparison.Ordinal);

        CommandLineRun on = CommandLineRun.Clouds(
            "train", "--out", _folder["run"], "--resume", "--steps", "6", "--set", "training.validation.patience=0", "--set", "training.keepCheckpoints=1");
        Assert.True(on.ExitCode == 0, on.Error);
        Assert.Equal(6, TrainingHistory.Read(_folder["run/history.jsonl"]).Count);
        Assert.Single(new RunFolder(_folder["run"]).Checkpoints);
    }

    [Theory]
    [InlineData("missing.json", 3)]
    [InlineData("moon:night", 2)]
    public void Train_ValidationSetThatCannotBeOpened_IsRefusedBeforeTheFirstStep(string spec, int exitCode)
    {
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 1, "--set", $"training.validation.data=[\"{spec}\"]"));
        Assert.Equal(exitCode, run.ExitCode);
        Assert.False(File.Exists(_folder["run/history.jsonl"]));
    }

    [Fact]
    public void Train_ValidationSetOfOtherClasses_IsRefusedBeforeTheFirstStep()
    {
        using Training.Datasets.FolderSet set = new();
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 1, "--set", $"training.validation.data=[\"{set.Json()}\"]"));
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("other classes than the data that are trained on", run.Error, StringComparison.Ordinal);
    }
}
