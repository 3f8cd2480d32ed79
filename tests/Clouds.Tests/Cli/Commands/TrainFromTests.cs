using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;

namespace Clouds.Tests.Cli.Commands;

/// <summary>`clouds train --from MODEL`: fine-tuning.</summary>
[Kind(TestKind.Fast)]
public sealed class TrainFromTests : IDisposable
{
    // Too small for any weight to move that is not 0.
    private static readonly string[] Still = ["--set", "training.optimizer.learningRate=1e-30", "--set", "training.optimizer.warmupSteps=0"];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<bool> TrainedAndFrozen => [true, false];

    [Theory]
    [MemberData(nameof(TrainedAndFrozen))]
    public void From_ModelOfTheSameClasses_StartsFromEveryWeightOfIt(bool trainable)
    {
        CommandLineRun run = Train(TinyRun.Streets, TinyRun.Model, ["--set", $"training.encoder.trainable={(trainable ? "true" : "false")}", .. Still]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.DoesNotContain("anew", run.Error);
        AssertSame(TinyRun.Model, _folder["run/model.safetensors"], _ => true);
    }

    [Fact]
    public void From_ModelOfOtherClasses_MakesTheClassHeadAnewAndNamesIt()
    {
        CommandLineRun run = Train(TwoClasses(), TinyRun.Model, Still);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("2 parameters are not those of", run.Error);
        Assert.Contains("sem_seg_head.predictor.class_embed.weight", run.Error);
        AssertSame(TinyRun.Model, _folder["run/model.safetensors"], name => !name.StartsWith(MaskFormer.ClassHead, StringComparison.Ordinal));
        using WeightSource tuned = WeightSource.Open(_folder["run/model.safetensors"]);
        Assert.Equal([3L, 32L], tuned.Entry($"{MaskFormer.ClassHead}weight").Shape);
        Assert.Equal(["field", "thing"], ModelDescription.Read(tuned).ClassNames);
    }

    [Fact]
    public void From_NetworkOfOtherSizes_IsTheModelsUnlessTheUserSetsOthers()
    {
        CommandLineRun run = CommandLineRun.Clouds(
            "train", "--data", TinyRun.Streets, "--out", _folder["run"], "--preset", "small", "--from", TinyRun.Model, "--device", "cpu",
            "--set", "training.steps=1", "--set", "training.network.transformerDecoder.feedForward=48");
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("mis-shaped", run.Error);
    }

    [Fact]
    public void From_NoSuchModel_IsSaidBeforeAnythingIsMade()
    {
        CommandLineRun run = Train(TinyRun.Streets, _folder["none.safetensors"], []);
        Assert.Equal(3, run.ExitCode);
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public void From_AnotherModelOnResume_IsRefused()
    {
        Assert.Equal(0, Train(TinyRun.Streets, TinyRun.Model, Still).ExitCode);
        CommandLineRun run = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume", "--from", _folder["run/model.safetensors"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("the model that it started from", run.Error);
    }

    public void Dispose() => _folder.Dispose();

    private CommandLineRun Train(string data, string model, string[] more) =>
        CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 1, data, ["--from", model, .. more]));

    private string TwoClasses()
    {
        Directory.CreateDirectory(_folder["images"]);
        Directory.CreateDirectory(_folder["labels"]);
        ImageFile.WritePng(_folder["images/a.png"], Pictures.Noise(64, 64));
        LabelPng.WriteGray8(_folder["labels/a.png"], Pictures.Labels(64, 64, bound: 2));
        File.WriteAllText(_folder["set.json"], """
            { "images": "images/*.png", "labels": "labels/{stem}.png",
              "classes": [{ "name": "field", "colour": [0, 128, 0] }, { "name": "thing", "colour": [128, 0, 0] }] }
            """);
        return _folder["set.json"];
    }

    private static void AssertSame(string expected, string actual, Func<string, bool> wanted)
    {
        using WeightSource before = WeightSource.Open(expected), after = WeightSource.Open(actual);
        Assert.All(before.Tensors.Keys.Where(wanted), name =>
            Assert.InRange(before.ReadFloats(name).Zip(after.ReadFloats(name), (a, b) => Math.Abs(a - b)).Max(), 0, 1e-20f));
    }
}
