using System.Text.Json;
using Clouds.Graph.Weights;
using Clouds.Native.Generation.Store;
using Clouds.Tests.Native.Generation.Store;
using Clouds.Tests.Native.Sam;
using Clouds.Tests.Runtime.Sessions;

namespace Clouds.Tests.Cli.Commands;

/// <summary>`clouds train` with self-training in it.</summary>
[Kind(TestKind.Fast)]
public sealed class TrainStagesTests : IDisposable
{
    private const string Generated = "streets:night?count=3&width=64&height=64";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_OneConfigurationThatNamesEverything_TrainsBothStagesIntoAFolderOfItsName()
    {
        string file = _folder["both.json"];
        File.WriteAllText(file, $$"""
            {
              "training": { "data": "{{TinyRun.Streets}}" },
              "selfTraining": { "steps": 3, "generated": { "data": "{{Generated}}", "limit": 2 } },
            }
            """);
        string[] tiny = [.. TinyRun.Train(_folder["both"], 2).Where((_, i) => i is not (1 or 2))];
        CommandLineRun run = CommandLineRun.Clouds([.. tiny, file, "--json"]);
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument json = JsonDocument.Parse(run.Out);
        Assert.Equal(_folder["both/model.safetensors"], json.RootElement.GetProperty("model").GetString());
        Assert.Equal((2, 3), (Lines("both/stage-1"), Lines("both/stage-2")));
        Assert.Equal(File.ReadAllBytes(_folder["both/stage-2/model.safetensors"]), File.ReadAllBytes(_folder["both/model.safetensors"]));
        Assert.Contains("stage 2: train", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stage 1: train 1/2")]
    [InlineData("stage 2: train 1/3")]
    public void Resume_InterruptedInEitherStage_EndsWithTheBitsOfAnUninterruptedRun(string at)
    {
        string[] whole = Both("whole");
        CommandLineRun run = CommandLineRun.Interrupted(at, Both("run"));
        Assert.Equal(130, run.ExitCode);
        CommandLineRun resumed = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Equal(0, CommandLineRun.Clouds(whole).ExitCode);
        Assert.Equal(File.ReadAllBytes(_folder["whole/model.safetensors"]), File.ReadAllBytes(_folder["run/model.safetensors"]));

        using WeightSource straight = WeightSource.Open(_folder["whole/stage-2/checkpoint.safetensors"]);
        using WeightSource broken = WeightSource.Open(_folder["run/stage-2/checkpoint.safetensors"]);
        Assert.Contains(straight.Tensors.Keys, name => name.StartsWith("teacher/", StringComparison.Ordinal));
        Assert.All(straight.Tensors.Keys, name => Assert.Equal(straight.ReadFloats(name), broken.ReadFloats(name)));
    }

    [Fact]
    public void Train_OnAStoreOfGeneratedImages_TakesThoseThatAreNotMarked()
    {
        TinyStore.Fill(_folder["store"], 4, plan: TinyStore.Plan(width: 64));
        StoreMarks.Write(_folder["store"], [new ImageMark("images/000001.png", MarkReason.Constant, 0)]);
        CommandLineRun run = CommandLineRun.Clouds([.. Both("run")[..^2], "--generated", $"generated:{_folder["store"]}?images=unmarked"]);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("1 images are marked and left out", run.Error, StringComparison.Ordinal);
        Assert.Equal(3, Lines("run/stage-2"));
    }

    [Fact]
    public void Train_BothStagesOnOneThreadAndOnTwoBesideABusyOne_GiveTheSameBits()
    {
        using BusyProcessor busy = new();
        string[] large = [.. TinyRun.SharedAmongThreads, "--generated", "streets:night?count=3&width=352&height=256"];
        Assert.Equal(0, CommandLineRun.Clouds([.. Both("one")[..^2], .. large, "--set", "execution.threads=1"]).ExitCode);
        Assert.Equal(0, CommandLineRun.Clouds([.. Both("two")[..^2], .. large]).ExitCode);
        Assert.Equal(File.ReadAllBytes(_folder["one/model.safetensors"]), File.ReadAllBytes(_folder["two/model.safetensors"]));
    }

    [Fact]
    public void Train_RefinedBySegmentAnything_LearnsSomethingElseAndResumesBitByBit()
    {
        TinySam.Write(_folder["sam.safetensors"]);
        string[] refined =
        [
            "--set", "selfTraining.refine=true", "--sam", _folder["sam.safetensors"], "--set", "refinement.sizeThreshold=20",
            "--set", "sam.cacheSize=0",
        ];
        CommandLineRun.Interrupted("stage 2: train 1/3", [.. Both("run"), .. refined]);
        CommandLineRun resumed = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume", "--device", "cpu");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        CommandLineRun whole = CommandLineRun.Clouds([.. Both("whole"), .. refined]);
        Assert.True(whole.ExitCode == 0, whole.Error);
        Assert.Equal(0, CommandLineRun.Clouds(Both("unrefined")).ExitCode);
        byte[] model = File.ReadAllBytes(_folder["whole/model.safetensors"]);
        Assert.Equal(model, File.ReadAllBytes(_folder["run/model.safetensors"]));
        Assert.NotEqual(model, File.ReadAllBytes(_folder["unrefined/model.safetensors"]));
        Assert.Equal(File.ReadAllBytes(_folder["whole/stage-1/model.safetensors"]), File.ReadAllBytes(_folder["unrefined/stage-1/model.safetensors"]));
    }

    // As after a power cut between the two stages: nothing of the second is there.
    [Fact]
    public void Resume_StageTwoNeverBegan_BeginsFromTheStageOneResultOfTheRun()
    {
        Assert.Equal(0, CommandLineRun.Clouds(Both("run")).ExitCode);
        byte[] whole = File.ReadAllBytes(_folder["run/model.safetensors"]);
        File.Delete(_folder["run/model.safetensors"]);
        Directory.Delete(_folder["run/stage-2"], recursive: true);
        Assert.Equal(0, CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume").ExitCode);
        Assert.Equal(whole, File.ReadAllBytes(_folder["run/model.safetensors"]));
    }

    [Fact]
    public void Train_StageTwoAlone_GoesOnFromTheModelOfAnotherRunAndEqualsBothInOne()
    {
        Assert.Equal(0, CommandLineRun.Clouds(Both("both")).ExitCode);
        foreach (string from in (string[])["both", "both/stage-1", "both/stage-1/model.safetensors"])
        {
            CommandLineRun run = CommandLineRun.Clouds([.. Both("alone"), "--set", "stages=[2]", "--from", _folder[from]]);
            Assert.True(run.ExitCode == 0, run.Error);
            Assert.Equal(File.ReadAllBytes(_folder["both/model.safetensors"]), File.ReadAllBytes(_folder["alone/model.safetensors"]));
            Directory.Delete(_folder["alone"], recursive: true);
        }
    }

    [Theory]
    [InlineData("--set stages=[2]", "no model of stage 1", "--from RUN")]
    [InlineData("--set selfTraining.refine=true", "no weights of Segment Anything", "--sam FILE")]
    [InlineData("--set selfTraining.generated.data= --set stages=[1,2]", "no generated images", "--generated SPEC")]
    [InlineData("--set stages=[2,1]", "not in their order", "[1], [2] or [1, 2]")]
    [InlineData("--set stages=[3]", "out of range", "1 to 2")]
    [InlineData("--set selfTraining.teacher.interval=0", "out of range", "1 or more")]
    [InlineData("--set selfTraining.generated.jitterProbability=1.5", "out of range", "0 to 1")]
    [InlineData("--set selfTraining.generated.jitterStrength=0.6", "out of range", "0 to 0.5")]
    [InlineData("--set selfTraining.generated.classMix=true --set training.batch=1", "do not fit together", "2 images a step or more")]
    [InlineData("--set selfTraining.generated.classMix=true --set selfTraining.mix.share=1", "do not fit together", "a share below 1")]
    [InlineData("--sam nowhere.pt --set selfTraining.refine=true", "no such file of Segment Anything", "correct the path")]
    public void Train_SomethingStageTwoNeedsIsMissing_IsSaidBeforeAnythingIsWritten(string change, string what, string next)
    {
        string[] arguments = Both("run");
        string[] kept = change.Contains("generated.data=", StringComparison.Ordinal) ? arguments[..^2] : arguments;
        CommandLineRun run = CommandLineRun.Clouds([.. kept, .. change.Split(' ')]);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(what, run.Error, StringComparison.Ordinal);
        Assert.Contains(next, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Path + "/run"));
    }

    [Fact]
    public void Train_GeneratedImagesLargerThanTheCrop_AreRefusedByName()
    {
        CommandLineRun run = CommandLineRun.Clouds([.. Both("run")[..^2], "--generated", "streets:night?count=2&width=96&height=64"]);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("96 x 64 pixels", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("selfTraining.teacher.momentum=0.5", "selfTraining.teacher.momentum")]
    [InlineData("selfTraining.generated.classMix=true", "selfTraining.generated.classMix")]
    [InlineData("training.steps=9", "training.steps")]
    [InlineData("refinement.points=7", "refinement.points")]
    public void Resume_ChangedSettingsOfAnyStage_AreRefused(string change, string key)
    {
        CommandLineRun.Interrupted("stage 1: train 1/2", Both("run"));
        CommandLineRun run = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume", "--set", change);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"{key} would change", run.Error, StringComparison.Ordinal);
    }

    // The last two are the generated images.
    private string[] Both(string name) =>
    [
        .. TinyRun.Train(_folder[name], 2, "--set", "selfTraining.steps=3", "--set", "selfTraining.mix.share=0.5", "--set", "training.batch=2"),
        "--generated", Generated,
    ];

    private int Lines(string stage) => File.ReadLines(_folder[$"{stage}/history.jsonl"]).Count();
}
