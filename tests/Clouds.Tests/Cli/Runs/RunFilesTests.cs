using Clouds.Cli.Runs;
using Clouds.Diagnostics;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Cli.Runs;

[Kind(TestKind.Fast)]
public sealed class RunFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_OneStage_LiesAtTheFoldersRoot()
    {
        WrittenRun.History(_folder["run"], 30);
        WrittenRun.Describe(_folder["run"], ("training.steps", "40"), ("training.batch", "4"));
        RunFiles run = RunFiles.Read(_folder["run"] + "/");
        Assert.Equal("run", run.Name);
        RunStage stage = Assert.Single(run.Stages);
        Assert.Equal(("training", 30L, 40L, 4L), (stage.Name, stage.Done, stage.Planned!.Value, stage.Batch!.Value));
        Assert.Equal("30 of 40 steps", stage.Progress);
        Assert.StartsWith("not finished; last step at 20", stage.State, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(15), stage.Duration);
        Assert.Empty(run.Problems);
    }

    [Fact]
    public void Read_TwoStages_AreTheFoldersOfBoth()
    {
        WrittenRun.History(_folder["run/stage-1"], 5);
        WrittenRun.History(_folder["run/stage-2"], 3);
        WrittenRun.Describe(_folder["run"], ("training.steps", "5"), ("selfTraining.steps", "9"));
        File.WriteAllText(_folder["run/stage-1/model.safetensors"], "");
        RunStage[] stages = [.. RunFiles.Read(_folder["run"]).Stages];
        Assert.Equal([("stage 1", 5L, 5L), ("stage 2", 3L, 9L)], stages.Select(stage => (stage.Name, stage.Done, stage.Planned!.Value)));
        Assert.Equal("finished", stages[0].State);
        Assert.StartsWith("not finished", stages[1].State, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FirstStageOnly_HasThatOne()
    {
        WrittenRun.History(_folder["run/stage-1"], 5);
        Assert.Equal("stage 1", Assert.Single(RunFiles.Read(_folder["run"]).Stages).Name);
    }

    [Fact]
    public void Read_DamagedLines_AreLeftOutAndTold()
    {
        WrittenRun.History(_folder["run"], 4);
        string[] lines = File.ReadAllLines(_folder["run/history.jsonl"]);
        File.WriteAllLines(_folder["run/history.jsonl"], [lines[0], "{\"step\":1,", lines[2], "", "\0\0\0", "[1]", "{\"step\":\"x\"}", lines[3]]);
        RunFiles run = RunFiles.Read(_folder["run"]);
        Assert.Equal([0, 2, 3], run.Stages[0].Steps.Select(line => line.Step));
        Assert.Equal("5 of 8 lines of the history of training are damaged and left out: 2, 4, 5, 6, 7", Assert.Single(run.Problems));
    }

    [Fact]
    public void Read_LastLineIsHalf_SaysThatTheRunGoesOnOrWasKilled()
    {
        WrittenRun.History(_folder["run"], 4);
        File.AppendAllText(_folder["run/history.jsonl"], "{\"step\":4,\"lo");
        RunFiles run = RunFiles.Read(_folder["run"]);
        Assert.Equal(4, run.Stages[0].Done);
        Assert.Contains("the last line of the history of training is not whole", Assert.Single(run.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DamagedDescription_IsToldAndTheRestIsRead()
    {
        WrittenRun.History(_folder["run"], 4);
        foreach (string text in (string[])["{", "null", "{}", "[]", """{"repeat":"x","settings":[{"key":null}],"launches":[]}"""])
        {
            File.WriteAllText(_folder["run/run.json"], text);
            RunFiles run = RunFiles.Read(_folder["run"]);
            Assert.StartsWith("run.json cannot be read: ", Assert.Single(run.Problems), StringComparison.Ordinal);
            Assert.Equal((4, null), (run.Stages[0].Done, run.Description));
        }
    }

    [Fact]
    public void Read_RunOfAnOlderVersion_HasTheSettingsOfItsCheckpoint()
    {
        CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 2));
        File.Delete(_folder["run/run.json"]);
        RunFiles run = RunFiles.Read(_folder["run"]);
        RunSetting steps = run.Settings.Single(setting => setting.Key == "training.steps");
        Assert.Equal(("2", "checkpoint"), (steps.Value, steps.Origin));
        Assert.Equal((2L, "finished"), (run.Stages[0].Planned!.Value, run.Stages[0].State));
    }

    [Fact]
    public void Read_CheckpointOfSomethingElse_IsARunWithoutSettings()
    {
        WrittenRun.History(_folder["run"], 4);
        File.WriteAllText(_folder["run/checkpoint.safetensors"], "no checkpoint");
        Assert.Empty(RunFiles.Read(_folder["run"]).Settings);
    }

    [Fact]
    public void Read_DescriptionAlone_IsARunThatHasNotBegun()
    {
        WrittenRun.Describe(_folder["run"], ("training.steps", "5"));
        RunStage stage = Assert.Single(RunFiles.Read(_folder["run"]).Stages);
        Assert.Equal(("no step yet", "not begun"), (stage.Progress, stage.State));
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("file")]
    [InlineData("empty")]
    public void Read_NoRun_IsBadInputThatSaysWhatARunIs(string name)
    {
        Directory.CreateDirectory(_folder["empty"]);
        File.WriteAllText(_folder["file"], "");
        CloudsException failure = Assert.Throws<CloudsException>(() => RunFiles.Read(_folder[name]));
        Assert.Equal(Failure.BadInput, failure.Failure);
        Assert.Contains("clouds train", failure.Wanted, StringComparison.Ordinal);
    }
}
