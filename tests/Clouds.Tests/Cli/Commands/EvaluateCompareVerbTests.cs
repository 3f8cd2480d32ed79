using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Clouds.Native.Images;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class EvaluateCompareVerbTests : IDisposable
{
    private const string Streets = "streets:fog?count=3&width=64&height=64&split=test";

    private readonly TemporaryFolder _folder = new();

    public EvaluateCompareVerbTests()
    {
        IDataset data = DatasetSource.Open(Streets);
        for (int i = 0; i < data.Count; i++)
        {
            LabelMap truth = data.Load(i).Labels;
            LabelPng.WriteGray8(_folder[$"right/{data.SampleName(i)}.png"], truth);
            truth.Ids.AsSpan(0, i * 640).Fill(3);
            LabelPng.WriteGray8(_folder[$"wrong/{data.SampleName(i)}.png"], truth);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Compare_TwoFolders_PrintsWhatTheSecondGainsAndShowsTheLargestDifferences()
    {
        CommandLineRun run = Compare(_folder["wrong"], _folder["right"], "--out", _folder["page.html"], "--pictures", "1");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Matches(@"\nmIoU +[\d.]+ +100\.0 +\+[\d.]+", run.Out);
        XElement page = XElement.Parse(Regex.Replace(File.ReadAllText(_folder["page.html"]), "^<!DOCTYPE html>", ""));
        string[] pictures = [.. page.Descendants("img").Select(image => image.Attribute("alt")!.Value)];
        Assert.Equal(["000002", "labels", "A", "B", "who is right"], pictures);
        Assert.DoesNotContain("http", page.ToString().Replace("http://www.w3.org", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("only B right", page.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_ModelAndItsOwnAnswers_FindsNoDifferenceAndShowsNone()
    {
        CommandLineRun run = Compare(TinyRun.Model, TinyRun.Model, "--out", _folder["page.html"], "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument json = JsonDocument.Parse(run.Out);
        Assert.All(json.RootElement[0].GetProperty("images").EnumerateArray(), image => Assert.Equal(0, image.GetProperty("gain").GetDouble()));
        Assert.DoesNotContain("<img", File.ReadAllText(_folder["page.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_ModelBesideAFolder_MeetsLabelsAtTheirOwnSize()
    {
        CommandLineRun run = Compare(TinyRun.Model, _folder["right"], "--json", "--short-side", "96");
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument json = JsonDocument.Parse(run.Out);
        Assert.Equal("original", json.RootElement[0].GetProperty("gtSpace").GetString());
        Assert.Equal(1.0, json.RootElement[0].GetProperty("totals")[0].GetProperty("second").GetDouble());
        Assert.Equal(3, json.RootElement[0].GetProperty("images").GetArrayLength());
    }

    [Fact]
    public void Compare_OneThatKnowsOneClass_IsNamed()
    {
        foreach (string file in Directory.GetFiles(_folder["right"]))
        {
            LabelPng.WriteGray8(_folder[$"plain/{Path.GetFileName(file)}"], Pictures.Plain(64, 64, 10));
        }

        CommandLineRun run = Compare(_folder["right"], _folder["plain"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("B, streets-fog-test: the answer is sky for 100.0 % of the pixels", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("A, streets-fog-test: the answer", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_WrongArguments_AreRefusedBeforeAnythingIsScored()
    {
        Assert.Equal(2, CommandLineRun.Clouds("evaluate", "compare", _folder["right"], _folder["wrong"]).ExitCode);
        Assert.Equal(3, Compare(_folder["right"], _folder["nowhere"]).ExitCode);
        Assert.Equal(5, Compare(_folder["right"], _folder["wrong"], "--out", Path.Combine(_folder["right/000001.png"], "page.html")).ExitCode);
        File.Delete(_folder["wrong/000001.png"]);
        CommandLineRun missing = Compare(TinyRun.Model, _folder["wrong"]);
        Assert.Equal(3, missing.ExitCode);
        Assert.DoesNotContain("evaluate streets", missing.Error, StringComparison.Ordinal);
        Assert.Contains("1 of 3 predictions are missing", missing.Error, StringComparison.Ordinal);
    }

    private static CommandLineRun Compare(params string[] arguments) =>
        CommandLineRun.Clouds(["evaluate", "compare", .. arguments, "--data", Streets, "--device", "cpu"]);
}
