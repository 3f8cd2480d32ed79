using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Tests.Graph.Weights.Torch;
using Clouds.Tests.Native.Tokenizers;
using Clouds.Tests.Training.Released;

namespace Clouds.Tests.Cli.Commands;

/// <summary>`clouds model import` of whole segmenters, and the verbs that run what it wrote.</summary>
[Kind(TestKind.Fast)]
public sealed class SegmenterImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Checkpoint => _folder["released.pth"];

    private string Model => _folder["model.safetensors"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Import_ReleasedCheckpoint_SegmentsAndIsScored(bool text)
    {
        WriteCheckpoint(text);
        CommandLineRun run = Import("--short-side", "0");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(text ? "20 queries, text classifier, 19 classes of 60 names" : "linear classifier, 19 classes", run.Out, StringComparison.Ordinal);
        ImageFile.WritePng(_folder["street.png"], new RgbImage(64, 32));
        run = CommandLineRun.Clouds("segment", Model, _folder["street.png"], "--out", _folder["labelled"], "--device", "cpu");
        Assert.Equal(0, run.ExitCode);
        Assert.NotEmpty(Directory.GetFiles(_folder["labelled"], "street*.png"));
        run = CommandLineRun.Clouds("evaluate", Model, "--data", TinyRun.Streets, "--device", "cpu", "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("streets-source", JsonElement.Parse(run.Out)[0].GetProperty("dataset").GetString());
    }

    [Fact]
    public void Import_WithAListOfClasses_AnswersWithThem()
    {
        WriteCheckpoint(text: true);
        File.WriteAllText(_folder["classes.txt"], "cat, kitten\ndog\nroad\n");
        File.WriteAllText(_folder["known.txt"], "dog\nrailroad");
        CommandLineRun run = Import("--classes", _folder["classes.txt"], "--trained-on", _folder["known.txt"], "--ensemble", "on", "--json");
        Assert.Equal(0, run.ExitCode);
        JsonElement segmenter = JsonElement.Parse(run.Out).GetProperty("segmenter");
        Assert.Equal(["cat", "dog", "road"], segmenter.GetProperty("classes").EnumerateArray().Select(name => name.GetString()!));
        Assert.Equal((5, true), (segmenter.GetProperty("names").GetInt32(), segmenter.GetProperty("geometricEnsemble").GetBoolean()));
        Assert.Equal([0], segmenter.GetProperty("unseen").EnumerateArray().Select(id => id.GetInt32()));
        using WeightSource model = WeightSource.Open(Model);
        Assert.Contains("clouds.import", model.Metadata.Keys);
        Assert.Equal(["cat", "dog", "road"], ModelDescription.Read(model).ClassNames);
    }

    [Fact]
    public void Import_ToCheck_TellsTheSegmenterAndWritesNothing()
    {
        WriteCheckpoint(text: false);
        CommandLineRun run = Import("--check");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("linear classifier, 19 classes", run.Out, StringComparison.Ordinal);
        Assert.False(File.Exists(Model));
    }

    [Theory]
    [InlineData("--classes", "classes.txt", "does not fit")]
    [InlineData("--classes", "nowhere.txt", "cannot be read")]
    [InlineData("--ensemble", "on", "wants a text classifier")]
    [InlineData("--ensemble", "perhaps", "--ensemble")]
    [InlineData("--short-side", "-1", "short side")]
    public void Import_OptionThatDoesNotFit_IsNamed(string option, string value, string what)
    {
        WriteCheckpoint(text: false);
        File.WriteAllText(_folder["classes.txt"], "cat\ndog");
        CommandLineRun run = Import(option, value.EndsWith(".txt", StringComparison.Ordinal) ? _folder[value] : value);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(what, run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Model));
    }

    [Fact]
    public void Import_OfAnEncoderWithClasses_SaysThatItIsNone()
    {
        PublishedContainer.Zip(Checkpoint, [.. TinyCheckpoint.Clouds(TinyCheckpoint.Network(TinyCheckpoint.ConvNeXt, text: false))
            .Where(tensor => tensor.Name.StartsWith("backbone.clip_model.", StringComparison.Ordinal))
            .Select(tensor => tensor with { Name = tensor.Name["backbone.clip_model.".Length..] })]);
        CommandLineRun run = Import("--classes", _folder["classes.txt"]);
        Assert.Equal((int)Failure.Usage, run.ExitCode);
        Assert.Contains("holds no segmenter", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, Import().ExitCode);
    }

    private void WriteCheckpoint(bool text)
    {
        File.WriteAllText(_folder["merges"], SmallVocabulary.MergeText);
        PublishedContainer.Zip(Checkpoint, TinyCheckpoint.Clouds(TinyCheckpoint.Network(TinyCheckpoint.ConvNeXt, text)), "model");
    }

    private CommandLineRun Import(params string[] more)
    {
        string[] vocabulary = File.Exists(_folder["merges"]) ? ["--vocabulary", _folder["merges"]] : [];
        return CommandLineRun.Clouds(["model", "import", Checkpoint, "--out", Model, "--device", "cpu", .. vocabulary, .. more]);
    }
}
