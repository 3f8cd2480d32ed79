using System.Text.Json;
using System.Text.RegularExpressions;
using Clouds.Graph.Weights;
using Clouds.Native.Images;
using Clouds.Tests.Native;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class SegmentVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Segment_Folder_WritesLabelsOverlayAndJsonOfEachImage()
    {
        ImageFile.WritePng(_folder["in/a.png"], Pictures.Noise(70, 50));
        ImageFile.WriteJpeg(_folder["in/deep/b.jpg"], Pictures.Gradient(40, 90));
        CommandLineRun run = Segment(_folder["in"], "--scores");
        Assert.True(run.ExitCode == 0, run.Error);

        LabelMap labels = LabelPng.Read(_folder["out/deep/b.labels.png"]);
        Assert.Equal((40, 90), (labels.Width, labels.Height));
        Assert.All(labels.Ids, id => Assert.InRange(id, 0, 18));
        RgbImage overlay = ImageFile.Read(_folder["out/a.overlay.png"]);
        Assert.Equal((70, 50), (overlay.Width, overlay.Height));
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(_folder["out/a.json"]));
        Assert.Equal(1, json.RootElement.GetProperty("classes").EnumerateArray().Sum(share => share.GetProperty("share").GetDouble()), 4);
        Assert.Equal("cpu", json.RootElement.GetProperty("device").GetString());
        using WeightSource scores = WeightSource.Open(_folder["out/a.scores.safetensors"]);
        Assert.Equal([19, 50, 70], scores.Tensors["scores"].Shape);
    }

    [Fact]
    public void Segment_OneTruncatedImage_LabelsTheOthersAndListsIt()
    {
        ImageFile.WritePng(_folder["in/good.png"], Pictures.Noise(40, 40));
        File.WriteAllBytes(_folder["in/bad.png"], ImageFile.EncodePng(Pictures.Noise(40, 40))[..600]);
        File.WriteAllBytes(_folder["in/bad.jpg"], ImageFile.EncodeJpeg(Pictures.Noise(40, 40))[..600]);
        CommandLineRun run = Segment(_folder["in"]);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("1 labelled, 2 failed", run.Out, StringComparison.Ordinal);
        Assert.Contains("bad.png", run.Error, StringComparison.Ordinal);
        Assert.Contains("bad.jpg", run.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["out/good.labels.png"]));
        Assert.False(File.Exists(_folder["out/bad.labels.png"]));
    }

    [Fact]
    public void Segment_TwoImagesOfOneName_BothKeepTheirResults()
    {
        ImageFile.WritePng(_folder["in/a.png"], Pictures.Noise(40, 40));
        ImageFile.WriteJpeg(_folder["in/a.jpg"], Pictures.Noise(40, 40));
        CommandLineRun run = Segment(_folder["in"], "--overlay", "jpeg", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.True(File.Exists(_folder["out/a.png.overlay.jpg"]));
        Assert.True(File.Exists(_folder["out/a.jpg.overlay.jpg"]));
        using JsonDocument json = JsonDocument.Parse(run.Out);
        Assert.Equal(2, json.RootElement.GetProperty("images").GetArrayLength());
    }

    [Fact]
    public void Segment_LinksToParents_LabelsEachImageOnceAndTells()
    {
        ImageFile.WritePng(_folder["in/a.png"], Pictures.Noise(40, 40));
        Directory.CreateSymbolicLink(_folder["in/s1"], ".");
        Directory.CreateSymbolicLink(_folder["in/s2"], "../in");
        CommandLineRun run = Segment(_folder["in"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("1 labelled", run.Out, StringComparison.Ordinal);
        Assert.Contains("are one folder", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Segment_FolderWithoutImages_IsBadInput()
    {
        Directory.CreateDirectory(_folder["in"]);
        Assert.Equal(3, Segment(_folder["in"]).ExitCode);
        Assert.Equal(3, Segment(_folder["none.png"]).ExitCode);
    }

    [Fact]
    public void Segment_OutputBelowAFile_IsAnOutputFailure()
    {
        ImageFile.WritePng(_folder["a.png"], Pictures.Noise(40, 40));
        CommandLineRun run = CommandLineRun.Clouds("segment", TinyRun.Model, _folder["a.png"], "--out", _folder["a.png"] + "/out", "--device", "cpu");
        Assert.Equal(5, run.ExitCode);
    }

    [Fact]
    public void Segment_ModelOfOtherSizes_ListsNamesAndShapesTogether()
    {
        ImageFile.WritePng(_folder["a.png"], Pictures.Noise(40, 40));
        ModelWithDescription(description => description.Replace("\"queries\":20", "\"queries\":21", StringComparison.Ordinal)
            .Replace("\"layers\":1", "\"layers\":2", StringComparison.Ordinal));
        CommandLineRun run = CommandLineRun.Clouds("segment", _folder["model.safetensors"], _folder["a.png"], "--out", _folder["out"], "--device", "cpu");
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("query_feat.weight has", run.Error, StringComparison.Ordinal);
        Assert.Contains("missing     sem_seg_head", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Segment_ModelOfANewerVersion_SaysWhichVersionsCanBeRead()
    {
        ImageFile.WritePng(_folder["a.png"], Pictures.Noise(40, 40));
        ModelWith(metadata => metadata["clouds.format"] = "2");
        CommandLineRun run = CommandLineRun.Clouds("segment", _folder["model.safetensors"], _folder["a.png"], "--out", _folder["out"], "--device", "cpu");
        Assert.Equal(4, run.ExitCode);
        Assert.All(
            (string[])["the model was written by a newer version", "clouds.format 2", "format 1", "use the version that wrote it"],
            text => Assert.Contains(text, run.Error, StringComparison.Ordinal));
    }

    [Fact]
    public void Segment_ModelFromBeforeVersions_IsOfVersionOne()
    {
        ImageFile.WritePng(_folder["a.png"], Pictures.Noise(40, 40));
        ModelWith(metadata => Assert.True(metadata.Remove("clouds.format")));
        CommandLineRun run = CommandLineRun.Clouds("segment", _folder["model.safetensors"], _folder["a.png"], "--out", _folder["out"], "--device", "cpu");
        Assert.Equal(0, run.ExitCode);
    }

    [Theory]
    [InlineData("\"normalisation\"", null)]
    [InlineData("\"ensemble\"", null)]
    [InlineData("\"embedding\"", null)]
    [InlineData("\"shortSide\"", "it lacks 'shortSide'")]
    [InlineData("\"pixelDecoder\"", "it lacks 'network.pixelDecoder'")]
    public void Segment_ModelWhoseDescriptionIsIncomplete_SaysWhatItLacks(string member, string? reason)
    {
        ImageFile.WritePng(_folder["a.png"], Pictures.Noise(40, 40));
        ModelWithDescription(description => Regex.Replace(description, $$""",{{member}}:(\{[^{}]*\}|\d+)""", ""));
        CommandLineRun run = CommandLineRun.Clouds("segment", _folder["model.safetensors"], _folder["a.png"], "--out", _folder["out"], "--device", "cpu");
        Assert.Equal(reason is null ? 0 : 4, run.ExitCode);
        Assert.Contains(reason ?? "", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Segment_FilesThatAreNoModel_AreWeightFailures()
    {
        ImageFile.WritePng(_folder["a.png"], Pictures.Noise(40, 40));
        ModelWithDescription(_ => "{");
        File.WriteAllBytes(_folder["short.safetensors"], File.ReadAllBytes(TinyRun.Model)[..1000]);
        string checkpoint = Path.Combine(Path.GetDirectoryName(TinyRun.Model)!, "checkpoint.safetensors");
        Assert.All(
            (string[])[_folder["model.safetensors"], _folder["short.safetensors"], checkpoint],
            file => Assert.Equal(4, CommandLineRun.Clouds("segment", file, _folder["a.png"], "--out", _folder["out"], "--device", "cpu").ExitCode));
    }

    [Fact]
    public void Segment_SkipExisting_LabelsWhatLacksAResult()
    {
        ImageFile.WritePng(_folder["in/a.png"], Pictures.Noise(40, 40));
        ImageFile.WritePng(_folder["in/b.png"], Pictures.Noise(40, 40));
        Assert.Contains("2 labelled, 0 failed", Segment(_folder["in"], "--skip-existing").Out, StringComparison.Ordinal);
        DateTime before = File.GetLastWriteTimeUtc(_folder["out/a.json"]);
        File.Delete(_folder["out/b.overlay.png"]);
        CommandLineRun run = Segment(_folder["in"], "--skip-existing");
        Assert.Contains("1 labelled, 0 failed, 1 skipped", run.Out, StringComparison.Ordinal);
        Assert.Equal(before, File.GetLastWriteTimeUtc(_folder["out/a.json"]));
        Assert.True(File.Exists(_folder["out/b.overlay.png"]));
        Assert.Contains("0 labelled, 0 failed, 2 skipped", Segment(_folder["in"], "--skip-existing").Out, StringComparison.Ordinal);
        Assert.Contains("2 labelled, 0 failed", Segment(_folder["in"], "--skip-existing", "--scores").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Segment_Interrupted_ListsWhatWasDoneAndHowToGoOn()
    {
        foreach (string name in (string[])["a", "b", "c"])
        {
            ImageFile.WritePng(_folder[$"in/{name}.png"], Pictures.Noise(40, 40));
        }

        CommandLineRun run = CommandLineRun.Interrupted(
            "segment 1/3", "segment", TinyRun.Model, _folder["in"], "--out", _folder["out"], "--device", "cpu");
        Assert.Equal(130, run.ExitCode);
        Assert.Matches(@"a\.png +40 x 40", run.Out);
        Assert.Contains("1 labelled, 0 failed, 2 left", run.Out, StringComparison.Ordinal);
        Assert.Contains("1 of 3 images", run.Error, StringComparison.Ordinal);
        Assert.Contains("--skip-existing", run.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["out/a.json"]));
    }

    [Fact]
    public void Segment_FolderOfARun_IsItsModel()
    {
        ImageFile.WritePng(_folder["a.png"], Pictures.Noise(40, 40));
        string run = Path.GetDirectoryName(TinyRun.Model)!;
        Assert.Equal(0, CommandLineRun.Clouds("segment", run, _folder["a.png"], "--out", _folder["out"], "--device", "cpu").ExitCode);
    }

    [Theory]
    [InlineData(2, "the arguments stand in the wrong order", "a.png", "MODEL")]
    [InlineData(2, "the arguments stand in the wrong order", "pictures", "run")]
    [InlineData(3, "a model stands where an image is meant", "MODEL", "a.png", "MODEL")]
    [InlineData(3, "there is no such model", "gone.safetensors", "a.png")]
    [InlineData(3, "a.png beside it", "b.png", "a.png")]
    [InlineData(3, "another file stands where a model is meant", "a.png", "a.png")]
    [InlineData(3, "a folder without a model stands where a model is meant", "pictures", "a.png")]
    [InlineData(3, "clouds train --out", "begun", "a.png")]
    [InlineData(3, "there is no such image or folder", "MODEL", "gone.png")]
    public void Segment_ArgumentInTheWrongPlace_IsNamedForWhatItIs(int code, string expected, params string[] arguments)
    {
        ImageFile.WritePng(_folder["a.png"], Pictures.Noise(40, 40));
        ImageFile.WritePng(_folder["pictures/a.png"], Pictures.Noise(40, 40));
        File.WriteAllText(_folder["begun/checkpoint.safetensors"], "");
        File.CreateSymbolicLink(_folder["run/model.safetensors"], TinyRun.Model);
        string[] paths = [.. arguments.Select(argument => argument == "MODEL" ? TinyRun.Model : _folder[argument])];
        CommandLineRun run = CommandLineRun.Clouds(["segment", .. paths, "--out", _folder["out"], "--device", "cpu"]);
        Assert.Equal(code, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out"]) && Directory.EnumerateFiles(_folder["out"]).Any());
    }

    private CommandLineRun Segment(string input, params string[] more)
        => CommandLineRun.Clouds(["segment", TinyRun.Model, input, "--out", _folder["out"], "--device", "cpu", .. more]);

    private void ModelWithDescription(Func<string, string> change) => ModelWith(metadata => metadata["clouds.model"] = change(metadata["clouds.model"]));

    private void ModelWith(Action<Dictionary<string, string>> change)
    {
        using WeightSource source = WeightSource.Open(TinyRun.Model);
        Dictionary<string, string> metadata = new(source.Metadata);
        change(metadata);
        using SafetensorsWriter writer =
            new(_folder["model.safetensors"], [.. source.Tensors.Select(pair => new TensorDeclaration(pair.Key, WeightType.F32, pair.Value.Shape))], metadata);
        foreach (string name in source.Tensors.Keys)
        {
            writer.Write<float>(name, source.ReadFloats(name));
        }

        writer.Commit();
    }
}
