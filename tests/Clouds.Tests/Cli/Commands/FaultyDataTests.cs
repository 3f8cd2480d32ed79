using System.Diagnostics;
using System.Text.Json;
using Clouds.Native.Images;
using Clouds.Tests.Native.Images;
using Clouds.Tests.Training.Datasets;
using NetVips;

namespace Clouds.Tests.Cli.Commands;

/// <summary>Data sets with a fault, through every verb that reads them.</summary>
[Kind(TestKind.Fast)]
public sealed class FaultyDataTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FolderSet _set = new("abcd");

    public void Dispose()
    {
        _folder.Dispose();
        _set.Dispose();
    }

    [Fact]
    public void Train_EveryPixelIgnored_IsBadInputBeforeTheFirstStep()
    {
        "abcd".ToList().ForEach(name => _set.WriteLabel($"labels/{name}.png", 9));
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 1, _set.Json(), []));
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("no pixel of the data set has a class", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["run/history.jsonl"]));
    }

    [Fact]
    public void Train_SomeBadSamples_LeavesThemOutAndTells()
    {
        Spoil();
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 1, _set.Json(("images", "\"images/*.*\"")), []));
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("1 of 4 samples left out: image and label have different sizes: b", run.Error, StringComparison.Ordinal);
        Assert.Contains("1 of 4 samples left out: the image's samples are no photograph's: c", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("onMismatch")]
    [InlineData("onUnreadable")]
    public void Train_BadSampleThatMayNotBeLeftOut_IsBadInputBeforeTheFirstStep(string rule)
    {
        Spoil();
        CommandLineRun run = CommandLineRun.Clouds(
            TinyRun.Train(_folder["run"], 1, _set.Json(("images", "\"images/*.*\"")), ["--set", $"data.{rule}=fail"]));
        Assert.Equal(3, run.ExitCode);
        Assert.Contains($"--set data.{rule}=skip", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Segment_FolderWithFloatsAndBitmaps_LabelsTheOthersAndTellsOfBoth()
    {
        Spoil();
        File.WriteAllText(_set["images/e.bmp"], "BM");
        CommandLineRun run = CommandLineRun.Clouds("segment", TinyRun.Model, _set["images"], "--out", _folder["out"], "--device", "cpu");
        Assert.Equal(3, run.ExitCode);
        Assert.Equal(3, Directory.GetFiles(_folder["out"], "*.labels.png").Length);
        Assert.Contains("type float", run.Error, StringComparison.Ordinal);
        Assert.Contains("3 labelled, 1 failed, 1 passed over: 1 as BMP is a format that is not read (e.bmp)", run.Out, StringComparison.Ordinal);
    }

    // In a process of its own: libraries would write to the process's standard error themselves.
    [Fact]
    public void DataCheck_DamagedImagesInJson_WritesNothingButJsonLines()
    {
        byte[] jpeg = ImageFile.EncodeJpeg(Pictures.Gradient(60, 40));
        File.WriteAllBytes(_set["images/a.png"], Jpegs.CutAndClosed(jpeg));
        File.WriteAllBytes(_set["images/b.png"], Jpegs.Zeroed(jpeg));
        File.WriteAllBytes(_set["images/c.png"], jpeg[..(jpeg.Length - 40)]);
        "abc".ToList().ForEach(name => LabelPng.WriteGray8(_set[$"labels/{name}.png"], new LabelMap(60, 40)));
        ProcessStartInfo clouds = new(Path.Combine(AppContext.BaseDirectory, "clouds"), ["data", "check", _set.Json(), "--json"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(clouds)!;
        string report = process.StandardOutput.ReadToEnd();
        string[] lines = process.StandardError.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        Assert.All(lines, line => JsonDocument.Parse(line).Dispose());
        using JsonDocument json = JsonDocument.Parse(report);
        Assert.Equal(["a", "b"], json.RootElement.GetProperty("damaged").EnumerateArray().Select(sample => sample.GetProperty("sample").GetString()));
        Assert.Equal(["c"], json.RootElement.GetProperty("problems").EnumerateArray().Select(problem => problem.GetProperty("sample").GetString()));
    }

    private void Spoil()
    {
        ImageFile.WritePng(_set["images/b.png"], Pictures.Noise(3, 3));
        File.Delete(_set["images/c.png"]);
        File.WriteAllBytes(_set["images/c.tif"], DeclaredSizes.TiffOf(Enums.BandFormat.Float, 1));
    }
}
