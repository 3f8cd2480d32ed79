using System.Text.Json;
using Clouds.Native.Images;
using Clouds.Tests.Native;
using Clouds.Tests.Training.Datasets;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class EvaluateVerbTests : IDisposable
{
    private const string Streets = "streets:fog?count=2&width=64&height=64&split=test";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Evaluate_TwoSets_PrintsAColumnEachAndTheBaseline()
    {
        CommandLineRun run = Evaluate(TinyRun.Model, "--data", Streets, "--data", TinyRun.Streets, "--out", _folder["scores"]);
        Assert.True(run.ExitCode == 0, run.Error);
        string header = run.Out.Split('\n')[0];
        Assert.Contains("streets-fog-test", header, StringComparison.Ordinal);
        Assert.Contains("streets-source", header, StringComparison.Ordinal);
        Assert.Contains("majority class mIoU", run.Out, StringComparison.Ordinal);
        Assert.Equal(3, File.ReadLines(_folder["scores/streets-fog-test.images.csv"]).Count());
        string page = File.ReadAllText(_folder["scores/index.html"]);
        Assert.Contains("road answered as road", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Equal(1 + 20, File.ReadLines(_folder["scores/streets-fog-test.confusion.csv"]).Count());
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(_folder["scores/streets-source.json"]));
        Assert.Equal(4, json.RootElement.GetProperty("images").GetArrayLength());
    }

    [Fact]
    public void Evaluate_SeveralSets_GetTheirAverageAndSynthiasSixteen()
    {
        CommandLineRun run = Evaluate(TinyRun.Model, "--data", Streets, "--data", TinyRun.Streets, "--set", "evaluation.synthia16=restrict");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Matches(@"^class +streets-fog-test +streets-source +average", run.Out);
        Assert.Matches(@"\nmIoU of SYNTHIA's 16 +[\d.]+ +[\d.]+ +[\d.]+\nthe same, restricted +[\d.]+ +[\d.]+ +[\d.]+\nboundary mIoU +[\d.]+", run.Out);
        run = Evaluate(TinyRun.Model, "--data", Streets, "--data", TinyRun.Streets, "--json");
        string[] lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using JsonDocument sets = JsonDocument.Parse(lines[0]), average = JsonDocument.Parse(lines[1]);
        double[] each = [.. sets.RootElement.EnumerateArray().Select(set => set.GetProperty("scores").GetProperty("meanIou").GetDouble())];
        Assert.Equal(each.Average(), average.RootElement.GetProperty("average").GetProperty("meanIou").GetDouble(), 12);
    }

    // As Mapillary and BDD100K are scored; the labels of this set say "resized".
    [Theory]
    [InlineData("", "", "original")]
    [InlineData("\"resized\"", "", "resized")]
    [InlineData("\"resized\"", "original", "original")]
    [InlineData("", "resized", "resized")]
    public void Evaluate_DescriptionSaysHowASetIsScored(string scored, string asked, string space)
    {
        using FolderSet set = new("ab");
        string data = set.Json(("scoredAt", scored), ("classes", "\"cityscapes\""));
        string[] more = asked.Length == 0 ? [] : ["--gt-space", asked];
        CommandLineRun run = Evaluate([TinyRun.Model, "--data", data, "--short-side", "8", "--json", .. more]);
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument json = JsonDocument.Parse(run.Out);
        Assert.Equal(space, json.RootElement[0].GetProperty("gtSpace").GetString());
        Assert.Equal(space == "resized" ? 12 * 8 : 6 * 4, Pixels("pixels") + Pixels("ignoredPixels"));

        long Pixels(string key) => json.RootElement[0].GetProperty("images")[0].GetProperty(key).GetInt64();
    }

    [Fact]
    public void Evaluate_SeveralLooks_AreTold()
    {
        string[] looks = ["--set", "evaluation.scales=[0.5,1]", "--set", "evaluation.flip=true", "--set", "evaluation.slidingWindow=48"];
        CommandLineRun run = Evaluate([TinyRun.Model, "--data", Streets, .. looks]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Matches(@"\nlooks +scales 0.5, 1; mirrored; windows of 48 every 32", run.Out);
        Assert.DoesNotContain("looks", Evaluate(TinyRun.Model, "--data", Streets).Out, StringComparison.Ordinal);
        CommandLineRun wrong = Evaluate(TinyRun.Model, "--data", Streets, "--set", "evaluation.slidingWindow=8");
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("32 pixels or more", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_ForeignPredictions_AreMappedAndResized()
    {
        using FolderSet set = new("ab");
        string[] names = ["a", "b"];
        foreach (string name in names)
        {
            LabelMap own = LabelPng.Read(set[$"labels/{name}.png"]);
            LabelMap twice = NearestResize.Pillow(new LabelMap(6, 4, [.. own.Ids.Select(id => (ushort)(id == 9 ? 0 : id + 100))]), 12, 8);
            LabelPng.WriteGray8(_folder[$"answers/{name}.png"], twice);
        }

        File.WriteAllText(_folder["map.json"], """{ "100": "road", "101": "sky", "102": "car", "0": "ignore" }""");
        string[] line = ["--predictions", _folder["answers"], "--data", set.Json(), "--prediction-ids", _folder["map.json"]];
        Assert.Contains("12 x 8", Evaluate(line).Error, StringComparison.Ordinal);
        CommandLineRun run = Evaluate([.. line, "--resize-predictions"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Matches(@"mIoU +100\.0", run.Out);
    }

    [Fact]
    public void Evaluate_OneOrManyImagesAtOnce_GivesTheSameScoresInTheSameOrder()
    {
        string[] found = [.. new[] { "1", "2", "5" }.Select(threads =>
        {
            CommandLineRun run =
                Evaluate(TinyRun.Model, "--data", "streets:rain?count=9&width=96&height=64", "--json", "--set", $"execution.threads={threads}");
            Assert.True(run.ExitCode == 0, run.Error);
            using JsonDocument json = JsonDocument.Parse(run.Out);
            JsonElement result = json.RootElement[0];
            return $"{result.GetProperty("scores")}{result.GetProperty("images")}";
        })];
        Assert.Contains("000008", found[0], StringComparison.Ordinal);
        Assert.All(found, text => Assert.Equal(found[0], text));
    }

    [Theory]
    [InlineData("original", 64 * 64)]
    [InlineData("resized", 96 * 96)]
    public void Evaluate_GroundTruthSpace_DecidesThePixelsThatCount(string space, long pixels)
    {
        CommandLineRun run = Evaluate(TinyRun.Model, "--data", Streets, "--gt-space", space, "--short-side", "96", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument json = JsonDocument.Parse(run.Out);
        Assert.Equal(space, json.RootElement[0].GetProperty("gtSpace").GetString());
        Assert.InRange(json.RootElement[0].GetProperty("images")[0].GetProperty("pixels").GetInt64(), pixels / 2, pixels);
        Assert.Equal(pixels > 64 * 64, json.RootElement[0].GetProperty("images")[0].GetProperty("pixels").GetInt64() > 64 * 64);
    }

    [Fact]
    public void Evaluate_PerfectPredictions_ScoreOneHundred()
    {
        IDataset data = DatasetSource.Open(Streets);
        LabelPng.WriteGray8(_folder["answers/000000.png"], data.Load(0).Labels);
        LabelPng.WritePalette(_folder["answers/000001.labels.png"], data.Load(1).Labels, data.Classes.Colours);
        CommandLineRun run = Evaluate("--predictions", _folder["answers"], "--data", Streets);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Matches(@"mIoU +100\.0", run.Out);
    }

    [Fact]
    public void Evaluate_MissingOrMisfitPredictions_AreBadInput()
    {
        CommandLineRun none = Evaluate("--predictions", _folder.Path, "--data", Streets);
        Assert.Equal(3, none.ExitCode);
        Assert.Contains("2 of 2 predictions are missing", none.Error, StringComparison.Ordinal);
        LabelPng.WriteGray8(_folder["000000.png"], new LabelMap(5, 5));
        LabelPng.WriteGray8(_folder["000001.png"], new LabelMap(5, 5));
        CommandLineRun small = Evaluate("--predictions", _folder.Path, "--data", Streets);
        Assert.Equal(3, small.ExitCode);
        Assert.Contains("5 x 5", small.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_LabelIdsOutsideTheMap_NameTheFile()
    {
        using FolderSet set = new();
        set.WriteLabel("labels/c.png", 0, 7);
        foreach (char name in "abcdef")
        {
            LabelPng.WriteGray8(_folder[$"answers/{name}.png"], new LabelMap(6, 4));
        }

        CommandLineRun run = Evaluate("--predictions", _folder["answers"], "--data", set.Json());
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("labels/c.png", run.Error, StringComparison.Ordinal);
        Assert.Contains("7", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 3)]
    public void Evaluate_OneBadSample_ScoresTheOthersAndTells(bool mismatch, int exitCode)
    {
        using FolderSet set = new("abc");
        File.WriteAllBytes(set["images/b.png"], mismatch ? ImageFile.EncodePng(Pictures.Noise(3, 3)) : [1, 2, 3]);
        Answer(set, "abc");
        CommandLineRun run = Evaluate("--predictions", _folder["answers"], "--data", set.Json());
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Matches(@"pixel accuracy +100\.0", run.Out);
        Assert.Matches(@"images +2", run.Out);
        Assert.Contains("set: 1 of 3 samples left out: ", run.Error, StringComparison.Ordinal);
        string strict = $"data.{(mismatch ? "onMismatch" : "onUnreadable")}=fail";
        Assert.Equal(3, Evaluate("--predictions", _folder["answers"], "--data", set.Json(), "--set", strict).ExitCode);
    }

    [Fact]
    public void Evaluate_DamagedPrediction_CountsAndTheOthersAreScored()
    {
        using FolderSet set = new("abc");
        Answer(set, "abc");
        File.WriteAllBytes(_folder["answers/b.png"], File.ReadAllBytes(_folder["answers/b.png"])[..50]);
        CommandLineRun run = Evaluate("--predictions", _folder["answers"], "--data", set.Json());
        Assert.Equal(3, run.ExitCode);
        Assert.Matches(@"images +2", run.Out);
        Assert.Contains("answers/b.png", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_NothingToScore_IsAFailureAfterTheTables()
    {
        using FolderSet set = new("ab");
        set.WriteLabel("labels/a.png", 9);
        set.WriteLabel("labels/b.png", 9);
        Answer(set, "ab", 0);
        CommandLineRun run = Evaluate("--predictions", _folder["answers"], "--data", set.Json());
        Assert.Equal(3, run.ExitCode);
        Assert.Matches(@"ignored pixels +100\.0", run.Out);
        Assert.Contains("no pixel of the data set could be scored", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_IgnoredPixelsAndAbsentClasses_AreTold()
    {
        using FolderSet set = new("ab");
        set.WriteLabel("labels/a.png", 0, 9, 9, 9);
        Answer(set, "ab", 0);
        CommandLineRun run = Evaluate("--predictions", _folder["answers"], "--data", set.Json(("subset", """{"first": 1}""")));
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("set: 75.0 % of the pixels are ignored", run.Error, StringComparison.Ordinal);
        Assert.Contains("set: 2 of 3 classes never occur: sky, car", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_PredictedIdsThatAreNoClass_NameTheFile()
    {
        using FolderSet set = new();
        CommandLineRun run = Evaluate("--predictions", set["labels"], "--data", set.Json());
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("labels/a.png", run.Error, StringComparison.Ordinal);
        Assert.Contains("id 9", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_OtherClasses_AreRefused()
    {
        using FolderSet set = new();
        CommandLineRun run = Evaluate(TinyRun.Model, "--data", set.Json());
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("different classes", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evaluate --data streets", "neither")]
    [InlineData("evaluate m.safetensors --predictions p --data streets", "MODEL and --predictions")]
    [InlineData("evaluate m.safetensors", "--data SPEC")]
    public void Evaluate_IncompleteCommandLine_SaysWhatIsMissing(string line, string reason)
    {
        CommandLineRun run = CommandLineRun.Clouds(line.Split(' '));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_CtrlC_Exits130() =>
        Assert.Equal(130, CommandLineRun.Interrupted("1/2", "evaluate", TinyRun.Model, "--data", Streets, "--device", "cpu").ExitCode);

    // Perfect where no id is given.
    private void Answer(FolderSet set, string names, ushort? id = null)
    {
        IDataset data = DatasetSource.Open(set.Json());
        for (int i = 0; i < names.Length; i++)
        {
            ushort[] ids = [.. LabelPng.Read(set[$"labels/{names[i]}.png"]).Ids.Select(source => id ?? (source == 9 ? (ushort)0 : source))];
            LabelPng.WriteGray8(_folder[$"answers/{data.SampleName(i)}.png"], new LabelMap(6, 4, ids));
        }
    }

    private static CommandLineRun Evaluate(params string[] arguments) => CommandLineRun.Clouds(["evaluate", .. arguments, "--device", "cpu"]);
}
