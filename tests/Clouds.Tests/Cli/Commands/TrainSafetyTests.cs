using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Clouds.Tests.Cli.BuiltIn;
using Clouds.Tests.Training.Datasets;

namespace Clouds.Tests.Cli.Commands;

/// <summary>What `clouds train` refuses, counts and saves, so that nothing is lost and nothing goes wrong in silence.</summary>
[Kind(TestKind.Fast)]
[Collection(MiniaturesTests.Collection)]
public sealed class TrainSafetyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Resume_ChangedData_IsRefusedWithTheDifferenceUnlessAccepted()
    {
        using FolderSet set = new();
        CommandLineRun.Interrupted("train 1/4", TinyRun.Train(_folder["run"], 4, set.Json(), []));
        byte[] before = File.ReadAllBytes(_folder["run/checkpoint.safetensors"]);
        set.WriteLabel("labels/b.png", 2);
        CommandLineRun refused = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume");
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("the label file of b was edited", refused.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_folder["run/checkpoint.safetensors"]));

        CommandLineRun accepted = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume", "--accept-changed-data");
        Assert.True(accepted.ExitCode == 0, accepted.Error);
        Assert.Contains("goes on with changed data: the label file of b", accepted.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AnyVerb_OneBitFlippedInAFileOfTheRun_IsRefused()
    {
        CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 1));
        File.WriteAllBytes(_folder["image.png"], []);
        Refused("model.safetensors", "segment", _folder["run/model.safetensors"], _folder["image.png"], "--out", _folder["labels"]);
        Refused("model.safetensors", "evaluate", _folder["run/model.safetensors"], "--data", TinyRun.Streets);
        Refused("checkpoint.safetensors", "train", "--resume", "--out", _folder["run"]);

        void Refused(string name, params string[] verb)
        {
            byte[] bytes = File.ReadAllBytes(_folder[$"run/{name}"]);
            byte[] flipped = [.. bytes];
            flipped[bytes.Length / 2] ^= 4;
            File.WriteAllBytes(_folder[$"run/{name}"], flipped);
            CommandLineRun run = CommandLineRun.Clouds(verb);
            File.WriteAllBytes(_folder[$"run/{name}"], bytes);
            Assert.Equal(4, run.ExitCode);
            Assert.Contains("not what was written", run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Train_FolderOfARunWithoutACheckpoint_IsStartedAnewWhenAsked()
    {
        string[] arguments = TinyRun.Train(_folder["run"], 1);
        Directory.CreateDirectory(_folder["run"]);
        File.WriteAllText(_folder["run/history.jsonl"], "{\"step\":0");
        File.WriteAllText(_folder["run/notes.txt"], "mine");
        CommandLineRun refused = CommandLineRun.Clouds(arguments);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("--anew", refused.Error, StringComparison.Ordinal);

        CommandLineRun run = CommandLineRun.Clouds([.. arguments, "--anew"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Single(File.ReadLines(_folder["run/history.jsonl"]));
        Assert.Equal("mine", File.ReadAllText(_folder["run/notes.txt"]));
    }

    [Theory]
    [InlineData("checkpoint.safetensors")]
    [InlineData("model.safetensors")]
    public void Train_AnewWhereResultsAre_IsRefusedAndKeepsThem(string result)
    {
        Directory.CreateDirectory(_folder["run"]);
        File.WriteAllText(_folder[$"run/{result}"], "precious");
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 1, "--anew"));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(result, run.Error, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(_folder[$"run/{result}"]));
    }

    [Fact]
    public void Train_LearningRateFarTooLarge_CountsSkippedStepsSavesAndExits7()
    {
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(
            _folder["run"], 20, "--set", "training.optimizer.learningRate=1e30", "--set", "training.optimizer.warmupSteps=0", "--json"));
        Assert.Equal(7, run.ExitCode);
        Assert.Contains("3 steps in a row", run.Error, StringComparison.Ordinal);
        Assert.Contains("learning rate", run.Error, StringComparison.Ordinal);
        Assert.All(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => JsonDocument.Parse(line).Dispose());
        Assert.False(File.Exists(_folder["run/model.safetensors"]));

        CommandLineRun resumed = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume");
        Assert.Equal(7, resumed.ExitCode);
        Assert.Contains("\"gradientNorm\":\"NaN\"", File.ReadLines(_folder["run/history.jsonl"]).Last(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--preset paper")]
    [InlineData("--set training.steps=3")]
    public void Train_WithoutWeightsForTheEncoder_IsRefusedBeforeAnythingIsWritten(string options)
    {
        CommandLineRun run = CommandLineRun.Clouds(["train", "--data", TinyRun.Streets, "--out", _folder.Path + "/run", .. options.Split(' ')]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("training.encoder.weights=FILE", run.Error, StringComparison.Ordinal);
        Assert.Contains("--from-scratch", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Path + "/run"));
    }

    [Fact]
    public void Train_FromScratchWithoutAPreset_IsBegun()
    {
        string[] arguments = [.. TinyRun.Train(_folder["run"], 1).Where(word => word is not ("--preset" or "small")), "--from-scratch"];
        CommandLineRun run = CommandLineRun.Clouds(arguments);
        Assert.True(run.ExitCode == 0, run.Error);
    }

    [Fact]
    public void Train_MoreMemoryThanTheMachineHas_IsRefusedBeforeTheFirstStep()
    {
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 1, "--set", "training.batch=100000"));
        Assert.Equal(6, run.ExitCode);
        Assert.Contains("does not fit into the memory of this machine", run.Error, StringComparison.Ordinal);
        Assert.Contains("training.batch", run.Error, StringComparison.Ordinal);
        Assert.Contains("--accept-memory", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["run"]));
    }

    // As the system counts it in a process of its own. What is told has one digit behind the point, and 0.1 GiB on top is the runner's business.
    [Fact]
    public async Task Train_MemoryThatIsTold_IsNearlyWhatTheProcessTakes()
    {
        string[] arguments = ["train", "--data", TinyRun.Streets, "--out", _folder["run"], "--preset", "small", "--device", "cpu",
            "--set", "training.steps=2", "--set", "training.batch=8"];
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "clouds"), arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        long most = 0;
        while (!process.WaitForExit(20))
        {
            most = Math.Max(most, PeakOf(process.Id));
        }

        Match told = Regex.Match(await error, "training takes about ([0-9.]+) GiB");
        Assert.True(told.Success, await error);
        double foreseen = double.Parse(told.Groups[1].Value, CultureInfo.InvariantCulture), taken = most / (double)(1L << 30);
        Assert.InRange(foreseen, 0.75 * taken, 1.25 * taken);
    }

    // Process.PeakWorkingSet64 throws where the process ends between a look whether it runs and the question: which this test has met.
    private static long PeakOf(int process)
    {
        try
        {
            Match peak = Regex.Match(File.ReadAllText($"/proc/{process}/status"), @"VmHWM:\s+(\d+) kB");
            return peak.Success ? long.Parse(peak.Groups[1].Value, CultureInfo.InvariantCulture) << 10 : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
