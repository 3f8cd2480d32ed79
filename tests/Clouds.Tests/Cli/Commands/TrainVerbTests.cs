using System.Text.Json;
using Clouds.Graph.Weights;
using Clouds.Tests.Runtime.Sessions;
using Clouds.Tests.Training.Datasets;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class TrainVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_Streets_WritesModelCheckpointAndHistory()
    {
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 3, "--json"));
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument json = JsonDocument.Parse(run.Out);
        Assert.Equal(3, json.RootElement.GetProperty("steps").GetInt32());
        Assert.True(double.IsFinite(json.RootElement.GetProperty("last").GetProperty("loss").GetDouble()));
        Assert.All((string[])["model.safetensors", "checkpoint.safetensors"], name => Assert.True(File.Exists(_folder[$"run/{name}"])));
        Assert.Equal(3, File.ReadLines(_folder["run/history.jsonl"]).Count());
        Assert.Contains("\"remainingSeconds\"", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_SameSeedOnOneThreadAndOnTwoBesideABusyOne_GivesTheSameBits()
    {
        using BusyProcessor busy = new();
        CommandLineRun.Clouds(TinyRun.Train(_folder["a"], 12, [.. TinyRun.SharedAmongThreads, "--set", "execution.threads=1"]));
        CommandLineRun.Clouds(TinyRun.Train(_folder["b"], 12, TinyRun.SharedAmongThreads));
        CommandLineRun.Clouds(TinyRun.Train(_folder["c"], 2, [.. TinyRun.SharedAmongThreads, "--set", "training.seed=2"]));
        byte[] first = File.ReadAllBytes(_folder["a/model.safetensors"]);
        Assert.Equal(first, File.ReadAllBytes(_folder["b/model.safetensors"]));
        Assert.NotEqual(first, File.ReadAllBytes(_folder["c/model.safetensors"]));
        Assert.Equal(Losses("a"), Losses("b"));
    }

    [Fact]
    public void Train_CtrlC_FinishesTheStepSavesAndResumesBitByBit()
    {
        CommandLineRun run = CommandLineRun.Interrupted("train 1/4", TinyRun.Train(_folder["run"], 4, TinyRun.SharedAmongThreads));
        Assert.Equal(130, run.ExitCode);
        Assert.Contains("--resume", run.Error, StringComparison.Ordinal);
        Assert.InRange(File.ReadLines(_folder["run/history.jsonl"]).Count(), 1, 3);
        Assert.True(File.Exists(_folder["run/model.safetensors"]));

        CommandLineRun resumed = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        CommandLineRun.Clouds(TinyRun.Train(_folder["whole"], 4, TinyRun.SharedAmongThreads));
        Assert.Equal(File.ReadAllBytes(_folder["whole/model.safetensors"]), File.ReadAllBytes(_folder["run/model.safetensors"]));
        Assert.Equal(Losses("whole"), Losses("run"));
    }

    [Fact]
    public void Train_FrozenEncoder_KeepsItsWeightsAndResumesBitByBit()
    {
        string[] frozen = ["--set", "training.encoder.trainable=false"];
        CommandLineRun.Interrupted("train 2/4", TinyRun.Train(_folder["run"], 4, frozen));
        CommandLineRun resumed = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        CommandLineRun.Clouds(TinyRun.Train(_folder["whole"], 4, frozen));
        Assert.Equal(File.ReadAllBytes(_folder["whole/model.safetensors"]), File.ReadAllBytes(_folder["run/model.safetensors"]));

        using WeightSource encoder = WeightSource.Open(_folder["run/random-encoder.safetensors"]);
        using WeightSource model = WeightSource.Open(_folder["run/model.safetensors"]);
        Assert.NotEmpty(encoder.Tensors);
        Assert.All(encoder.Tensors.Keys, name => Assert.Equal(encoder.ReadFloats(name), model.ReadFloats(name)));
    }

    [Theory]
    [InlineData("--set training.steps=9", "training.steps")]
    [InlineData("--preset paper", "training.network.encoder.depths and")]
    [InlineData("--data streets:night", "data set")]
    public void Resume_ChangedSettings_AreRefusedWithTheReason(string change, string reason)
    {
        CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 1));
        byte[] before = File.ReadAllBytes(_folder["run/checkpoint.safetensors"]);
        CommandLineRun run = CommandLineRun.Clouds(["train", "--out", _folder["run"], "--resume", .. change.Split(' ')]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        Assert.Contains("keeps its settings", run.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_folder["run/checkpoint.safetensors"]));
    }

    [Fact]
    public void Train_ThreadsAmongTheSettingsOfTraining_NamesTheKeyOfNow()
    {
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 1, "--set", "training.threads=1"));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("'execution.threads'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Resume_SameOptionsAgain_IsAllowed()
    {
        string[] arguments = TinyRun.Train(_folder["run"], 2);
        CommandLineRun.Interrupted("train 1/2", arguments);
        CommandLineRun run = CommandLineRun.Clouds([.. arguments, "--resume"]);
        Assert.True(run.ExitCode == 0, run.Error);
    }

    [Fact]
    public void Resume_NothingThere_SaysHowToStart()
    {
        CommandLineRun run = CommandLineRun.Clouds("train", "--out", _folder["none"], "--resume");
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("without --resume", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_UsedFolder_IsRefusedWithTheNextStep()
    {
        CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 1));
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 1));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("give --resume", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_DiskFullWhileSaving_KeepsTheOldCheckpoint()
    {
        CommandLineRun.Interrupted("train 1/9", TinyRun.Train(_folder["run"], 9));
        byte[] before = File.ReadAllBytes(_folder["run/checkpoint.safetensors"]);
        // The checkpoint's temporary name, made a door to a device that is always full.
        File.CreateSymbolicLink(_folder[$"run/.checkpoint.safetensors.{Environment.ProcessId}.tmp"], "/dev/full");
        CommandLineRun run = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume");
        Assert.Equal(5, run.ExitCode);
        Assert.Contains("No space left on device", run.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_folder["run/checkpoint.safetensors"]));

        CommandLineRun again = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume");
        Assert.True(again.ExitCode == 0, again.Error);
    }

    [Fact]
    public void Train_OutputBelowAFile_IsAnOutputFailure()
    {
        File.WriteAllText(_folder["file"], "");
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(_folder["file"] + "/run", 1));
        Assert.Equal(5, run.ExitCode);
    }

    [Theory]
    [InlineData("training.stepz=3", "did you mean 'steps'?")]
    [InlineData("training.steps=0", "1 or more")]
    [InlineData("training.augmentation.cropWidth=100", "multiples of 32")]
    [InlineData("training.network.pixelDecoder.width=48", "a multiple of 32")]
    [InlineData("training.network.pixelDecoder.heads=3", "that the heads divide")]
    [InlineData("training.network.transformerDecoder.maskWidth=64", "the same number twice")]
    [InlineData("training.network.transformerDecoder.queries=18", "at least 19")]
    [InlineData("training.network.encoder.depths=[1,1,1]", "4 numbers")]
    [InlineData("training.loss.points=0", "1 or more")]
    public void Train_WrongSetting_IsRefusedBeforeAnythingIsWritten(string setting, string reason)
    {
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 1, "--set", setting));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Path + "/run"));
    }

    [Theory]
    [InlineData("streets:nihgt", "did you mean 'night'?")]
    [InlineData("streets:night?cuont=3", "did you mean 'count'?")]
    [InlineData("streets:night?width=32", "64 to 4096")]
    [InlineData("streets:night?count=many", "a whole number")]
    public void Train_WrongStreets_AreRefused(string spec, string reason)
    {
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 1, spec, []));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_NoData_SaysWhatIsMissing()
    {
        CommandLineRun run = CommandLineRun.Clouds("train", "--out", _folder["run"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--data SPEC", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_FolderSetWithMissingPair_IsBadInput()
    {
        using FolderSet set = new();
        File.Delete(set["labels/b.png"]);
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 1, set.Json(), []));
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("b.png", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_FolderSet_LearnsItsClasses()
    {
        using FolderSet set = new();
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 2, set.Json(), []));
        Assert.True(run.ExitCode == 0, run.Error);
        CommandLineRun evaluated = CommandLineRun.Clouds("evaluate", _folder["run/model.safetensors"], "--data", set.Json(), "--device", "cpu");
        Assert.True(evaluated.ExitCode == 0, evaluated.Error);
        Assert.Contains("sky", evaluated.Out, StringComparison.Ordinal);
    }

    private string[] Losses(string run)
        => [.. File.ReadLines(_folder[$"{run}/history.jsonl"]).Select(line => line[..line.IndexOf("\"seconds\"", StringComparison.Ordinal)])];
}
