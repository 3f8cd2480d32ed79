using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;
using Clouds.Native.Images;
using Clouds.Tests.Native.Images;
using Clouds.Tests.Training.Datasets;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class DataVerbsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void DataCheck_Streets_CountsClassesAndSizes()
    {
        CommandLineRun run = CommandLineRun.Clouds("data", "check", "streets:rain?count=3&width=64&height=80", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument json = JsonDocument.Parse(run.Out);
        Assert.Equal(3, json.RootElement.GetProperty("usable").GetInt32());
        Assert.Equal(80, json.RootElement.GetProperty("sizes")[0].GetProperty("height").GetInt32());
    }

    [Fact]
    public void DataCheck_DamagedFolder_ListsEveryProblem()
    {
        using FolderSet set = new();
        File.WriteAllBytes(set["images/a.png"], File.ReadAllBytes(set["images/a.png"])[..60]);
        File.Delete(set["labels/b.png"]);
        set.WriteLabel("labels/c.png", 0, 7);
        ImageFile.WritePng(set["images/d.png"], Pictures.Noise(5, 5));
        CommandLineRun run = CommandLineRun.Clouds("data", "check", set.Json());
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("6 samples, 2 usable, 4 with problems", run.Out, StringComparison.Ordinal);
        Assert.All((string[])["a: the image cannot be decoded", "b: an image has no label file", "c: ", "d: image and label have different sizes"],
            problem => Assert.Contains(problem, run.Error, StringComparison.Ordinal));
    }

    // In a process of its own: libvips would write to the process's standard error itself.
    [Fact]
    public void DataCheck_StrayBytesAndADamagedFile_AreToldInOurWordsAlone()
    {
        using FolderSet set = new();
        File.WriteAllBytes(set["images/a.png"], Jpegs.WithStrayBytes(ImageFile.EncodeJpeg(Pictures.Noise(6, 4))));
        File.WriteAllBytes(set["images/b.png"], File.ReadAllBytes(set["images/b.png"])[..60]);
        ProcessStartInfo clouds = new(Path.Combine(AppContext.BaseDirectory, "clouds"), ["data", "check", set.Json()]) { RedirectStandardError = true };
        using Process process = Process.Start(clouds)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(3, process.ExitCode);
        Assert.Contains("clouds: 1 damaged: a", error, StringComparison.Ordinal);
        Assert.Contains($"{set["images/a.png"]}: read, but libvips warns: read gave 1 warnings; VipsJpeg: ", error, StringComparison.Ordinal);
        Assert.Contains("clouds: b: the image cannot be decoded", error, StringComparison.Ordinal);
        Assert.DoesNotContain("WARNING", error, StringComparison.Ordinal);
    }

    [Fact]
    public void DataCheck_AgainstASetWithOneOfItsImages_IsBadInputAndNamesIt()
    {
        using FolderSet train = new("abc"), val = new("cd"), other = new("xy");
        CommandLineRun run = CommandLineRun.Clouds("data", "check", train.Json(), "--against", val.Json());
        Assert.Equal(3, run.ExitCode);
        Assert.Contains($"1 images are in {val.Json()} too, pixel by pixel: c = c", run.Error, StringComparison.Ordinal);
        Assert.Contains("price: 0.0 MB of files; with all processors a sample takes ", run.Out, StringComparison.Ordinal);
        Assert.Equal(0, CommandLineRun.Clouds("data", "check", train.Json(), "--against", other.Json()).ExitCode);
        CommandLineRun json = CommandLineRun.Clouds("data", "check", train.Json(), "--against", val.Json(), "--json");
        Assert.Equal(3, json.ExitCode);
        Assert.Contains("pixel by pixel: c = c", json.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("skip", 0)]
    [InlineData("fail", 3)]
    public void DataCheck_PairOfDifferentSizes_CountsAsTheSettingSays(string rule, int exitCode)
    {
        using FolderSet set = new();
        ImageFile.WritePng(set["images/d.png"], Pictures.Noise(5, 5));
        CommandLineRun run = CommandLineRun.Clouds("data", "check", set.Json(), "--set", $"data.onMismatch={rule}");
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains("6 samples, 5 usable, 1 with problems", run.Out, StringComparison.Ordinal);
        Assert.Contains("d: image and label have different sizes", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void DataCheck_ManySamplesWithOneProblem_TellsItOnceWithTheirNames()
    {
        using FolderSet set = new();
        "abcde".ToList().ForEach(name => File.Delete(set[$"labels/{name}.png"]));
        CommandLineRun run = CommandLineRun.Clouds("data", "check", set.Json());
        Assert.Equal(3, run.ExitCode);
        Assert.Single(run.Error.Split('\n'), line => line.Contains("no label file", StringComparison.Ordinal));
        Assert.Contains("also      b, c, d, ..; 5 samples in all", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void DataCheck_EveryPixelIgnored_IsBadInput()
    {
        using FolderSet set = new("a");
        set.WriteLabel("labels/a.png", 9);
        CommandLineRun run = CommandLineRun.Clouds("data", "check", set.Json());
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("ignored: 100.0 % of the pixels", run.Out, StringComparison.Ordinal);
        Assert.Contains("no pixel of the data set has a class", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void DataCheck_EmptyFolder_IsBadInput()
    {
        using FolderSet set = new("");
        Directory.CreateDirectory(set["images"]);
        CommandLineRun run = CommandLineRun.Clouds("data", "check", set.Json());
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("has no images", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void DataShow_FolderSet_WritesOverlaysAndAWholePage()
    {
        using FolderSet set = new();
        CommandLineRun run = CommandLineRun.Clouds("data", "show", set.Json(), "--out", _folder["look"], "--count", "2");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.True(File.Exists(_folder["look/a.overlay.png"]));
        Assert.True(File.Exists(_folder["look/d.image.png"]));
        XDocument page = XDocument.Parse(File.ReadAllText(_folder["look/index.html"]));
        Assert.Equal(4, page.Descendants("img").Count());
        Assert.Contains("█", page.Root!.Value, StringComparison.Ordinal);
        XElement legend = page.Descendants("p").Single(part => part.Attribute("class")?.Value == "legend");
        Assert.Equal(["road", "sky", "car"], legend.Elements().Select(entry => entry.Value));
        Assert.Contains("#804080", page.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void DataShow_WideWorld_ShowsCaptionsAndMasks()
    {
        CommandLineRun run = CommandLineRun.Clouds("data", "show", "world:wide?count=2&width=96&height=64", "--out", _folder["look"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.True(File.Exists(_folder["look/000001.masks.png"]));
        XDocument page = XDocument.Parse(File.ReadAllText(_folder["look/index.html"]));
        Assert.Equal(6, page.Descendants("img").Count());
        Assert.Matches("000001: a (photo|picture|snapshot) of .+ in .+[0-9]+ masks", page.Root!.Value);
        Assert.NotEqual(File.ReadAllBytes(_folder["look/000001.overlay.png"]), File.ReadAllBytes(_folder["look/000001.masks.png"]));
    }

    [Fact]
    public void DataCheck_WideWorld_FindsNothingWrong()
    {
        CommandLineRun run = CommandLineRun.Clouds("data", "check", "world:night?count=3&width=96&height=64&split=test", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument json = JsonDocument.Parse(run.Out);
        Assert.Equal(3, json.RootElement.GetProperty("usable").GetInt32());
    }

    [Fact]
    public void DataShow_FolderWithOlderPictures_IsRefusedOrReplacedAsAWhole()
    {
        using FolderSet set = new();
        string[] show = ["data", "show", set.Json(), "--out", _folder["look"], "--count"];
        Assert.Equal(0, CommandLineRun.Clouds([.. show, "3"]).ExitCode);
        Assert.Equal(0, CommandLineRun.Clouds([.. show, "3"]).ExitCode);
        CommandLineRun other = CommandLineRun.Clouds([.. show, "1"]);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("results of an earlier run", other.Error, StringComparison.Ordinal);
        Assert.Equal(0, CommandLineRun.Clouds([.. show, "1", "--overwrite"]).ExitCode);
        Assert.Equal(["a.image.png", "a.overlay.png", "index.html"], Directory.GetFiles(_folder["look"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void DataInit_Folder_WritesDescriptionsThatCheckAndOverwritesOnlyWhenTold()
    {
        using FolderSet set = new("");
        foreach (char name in "abcdef")
        {
            ImageFile.WritePng(set[$"images/{name}.png"], Pictures.Noise(24, 16, name));
            LabelPng.WriteGray8(set[$"labels/{name}.png"], new LabelMap(24, 16, [.. Enumerable.Range(0, 24 * 16).Select(i => (ushort)(i % 3))]));
        }

        string folder = Path.GetDirectoryName(set["set.json"])!;
        CommandLineRun run = CommandLineRun.Clouds("data", "init", folder);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("labels: labels/*.png; 6 of 6 images have one", run.Out, StringComparison.Ordinal);
        Assert.Contains("5 to train on, 1 to score on", run.Out, StringComparison.Ordinal);
        Assert.All((string[])["dataset", "train", "val"], name => Assert.Equal(0, CommandLineRun.Clouds("data", "check", set[$"{name}.json"]).ExitCode));
        Assert.Equal(2, CommandLineRun.Clouds("data", "init", folder).ExitCode);
        Assert.Equal(0, CommandLineRun.Clouds("data", "init", folder, "--overwrite", "--val", "0").ExitCode);
        Assert.False(File.Exists(set["train.json"]));
    }

    [Fact]
    public void DataShow_SampleThatCannotBeRead_IsToldAndTheOthersAreShown()
    {
        using FolderSet set = new("abc");
        File.WriteAllText(set["images/b.png"], "no image");
        CommandLineRun run = CommandLineRun.Clouds("data", "show", set.Json(), "--out", _folder["look"]);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("1 of 3 samples left out: the image cannot be decoded: b", run.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["look/c.overlay.png"]));
    }

    [Fact]
    public void DataVerbs_SetWithoutLabels_CountAndShowItsImages()
    {
        using FolderSet set = new();
        string description = set.Json(("labels", ""));
        CommandLineRun check = CommandLineRun.Clouds("data", "check", description);
        Assert.Contains("6 samples without labels, 6 usable", check.Out, StringComparison.Ordinal);
        CommandLineRun show = CommandLineRun.Clouds("data", "show", description, "--out", _folder["bare"], "--count", "2");
        Assert.True(show.ExitCode == 0, show.Error);
        Assert.Equal(["a.image.png", "d.image.png", "index.html"], Directory.GetFiles(_folder["bare"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void DataShow_NoSamples_IsRefused()
        => Assert.Equal(2, CommandLineRun.Clouds("data", "show", "streets", "--out", _folder["look"], "--count", "0").ExitCode);
}
