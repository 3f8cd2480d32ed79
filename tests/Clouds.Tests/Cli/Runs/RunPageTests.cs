using System.Xml.Linq;
using Clouds.Cli.Runs;

namespace Clouds.Tests.Cli.Runs;

[Kind(TestKind.Fast)]
public sealed class RunPageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Make_OneRun_HasStateCurvesSettingsMachineAndCommand()
    {
        WrittenRun.History(_folder["run"], 30);
        WrittenRun.Describe(_folder["run"], ("training.steps", "40"), ("training.batch", "4"));
        XDocument page = Page("run");
        Assert.Equal("Run run", page.Descendants("h1").Single().Value);
        Assert.Equal(["30 of 40 steps", "1 GiB", "8"], ((string[])["progress", "memory, most", "images a second"]).Select(row => Row(page, row)[1]));
        Assert.Equal(
            ["Loss", "Parts of the loss", "Learning rate", "Norm of the gradient, before clipping", "Throughput", "Waiting for data", "Memory in use"],
            page.Descendants("h3").Select(heading => heading.Value));
        Assert.Equal(["training.batch", "4", "--set"], Row(page, "training.batch"));
        Assert.Equal(["cores", "2"], Row(page, "cores"));
        Assert.Equal(["clouds", "0.1.0+abc"], Row(page, "clouds"));
        Assert.Contains(page.Descendants("pre"), code => code.Value == $"clouds train --out {_folder["run"]}-again");
    }

    [Fact]
    public void Make_TwoRuns_LiesCurvesOverEachOtherAndMarksSettingsThatDiffer()
    {
        WrittenRun.History(_folder["a"], 30);
        WrittenRun.Describe(_folder["a"], ("training.steps", "30"), ("training.batch", "4"));
        WrittenRun.History(_folder["b"], 20, loss: 4);
        WrittenRun.Describe(_folder["b"], ("training.steps", "30"), ("training.batch", "8"), ("selfTraining.steps", "9"));
        XDocument page = Page("a", "b");
        XElement loss = page.Descendants().First(element => element.Name.LocalName == "svg");
        XElement[] paths = [.. loss.Elements().Where(element => element.Name.LocalName == "path")];
        Assert.Equal(["axis", "line c0", "line c1"], paths.Select(path => path.Attribute("class")!.Value));
        Assert.Equal(["a", "b"], loss.Elements().Where(element => element.Name.LocalName == "text").TakeLast(2).Select(text => text.Value));
        Assert.Equal(["training.batch", "4", "8"], Row(page, "training.batch"));
        XElement[] marked = [.. page.Descendants("tr").Where(row => row.Attribute("class")?.Value == "marked")];
        Assert.Equal(["selfTraining.steps", "training.batch"], marked.Select(row => row.Elements().First().Value).Distinct().Order());
        Assert.Contains("2 of 3 settings differ.", page.Root!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Make_ValidatedRuns_HaveCurvesScoresConfusionsBestAndWorstImages()
    {
        foreach (string run in (string[])["a", "b"])
        {
            WrittenRun.History(_folder[run], 6);
            WrittenRun.Validate(_folder[run], 3, 0.25);
            WrittenRun.Validate(_folder[run], 6, 0.5);
            WrittenRun.RecordValidation(_folder[run], 6, images: 5);
        }

        XDocument one = Page("a"), both = Page("a", "b");
        Assert.Contains("Validation, mean IoU", one.Descendants("h3").Select(heading => heading.Value));
        Assert.Equal(["50.0 % after 6 steps"], Row(one, "validation mIoU, best")[1..]);
        Assert.Equal(["IoU of road", "50.0"], Row(one, "IoU of road"));
        Assert.Equal(["", "a: night", "b: night"], both.Descendants("table").ElementAt(1).Descendants("th").Select(heading => heading.Value));
        Assert.Equal(1, one.Descendants("summary").Count(summary => summary.Value == "Confusions of night, after 6 steps"));
        string[] captions = [.. one.Descendants("figcaption").Select(caption => caption.Value).Where(caption => caption.StartsWith("image-"))];
        Assert.Equal(["image-4", "image-3", "image-2", "image-0", "image-1"], captions.Select(caption => caption[..7]));
        Assert.Equal(2 * captions.Length, both.Descendants("figcaption").Count(caption => caption.Value.StartsWith("image-")));
    }

    [Fact]
    public void Make_RunsOfOneName_AreToldApart()
    {
        WrittenRun.History(_folder["x/run"], 3);
        WrittenRun.History(_folder["y/run"], 3);
        Assert.Equal("Runs run, run-2", Page("x/run", "y/run").Descendants("h1").Single().Value);
    }

    [Fact]
    public void Make_OneStageBesideTwo_ShowsEachWhereItIs()
    {
        WrittenRun.History(_folder["one"], 3);
        WrittenRun.History(_folder["two/stage-1"], 4);
        WrittenRun.History(_folder["two/stage-2"], 5);
        XDocument page = Page("one", "two");
        Assert.Equal(["Stage 1", "Stage 2", "Training"], page.Descendants("h2").Take(3).Select(heading => heading.Value));
        Assert.Equal(["stage 2: progress", "", "5 steps"], Row(page, "stage 2: progress"));
    }

    [Fact]
    public void Make_AnyRun_StandsAloneWithoutScripts()
    {
        WrittenRun.History(_folder["a <b>&\"'"], 3);
        WrittenRun.Describe(_folder["a <b>&\"'"], ("training.from", "</td><script>alert(1)</script>\u0001"));
        XDocument page = Page("a <b>&\"'");
        Assert.Equal("Run a <b>&\"'", page.Descendants("title").First().Value);
        Assert.DoesNotContain(page.Descendants(), element => element.Name.LocalName is "script" or "link" or "iframe" or "a");
        Assert.DoesNotContain("url(", page.ToString(), StringComparison.Ordinal);
        Assert.All(page.Descendants("img"), image => Assert.StartsWith("data:", image.Attribute("src")!.Value, StringComparison.Ordinal));
    }

    [Fact]
    public void Make_LongRun_IsNoHeavierThanItNeedsToBe()
    {
        WrittenRun.History(_folder["run"], 40_000);
        string html = RunPage.Make([RunFiles.Read(_folder["run"])]).ToHtml();
        Assert.True(html.Length < 100_000, $"{html.Length}");
        Assert.Contains("Loss, mean of 167 steps", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Make_LossesThatAreNoNumbers_AreGapsAndCounted()
    {
        WrittenRun.History(_folder["run"], 3);
        File.AppendAllText(_folder["run/history.jsonl"], """{"step":3,"loss":"NaN","gradientNorm":"Infinity","learningRate":0.001,"seconds":0.5}""" + "\n");
        XDocument page = Page("run");
        Assert.Equal("1", Row(page, "steps that were not finite")[1]);
        Assert.DoesNotContain("NaN", page.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Make_ProblemsOfARun_StandAtItsBeginning()
    {
        WrittenRun.History(_folder["run"], 3);
        File.AppendAllText(_folder["run/history.jsonl"], "half");
        XElement note = Page("run").Descendants("p").First();
        Assert.Equal("note", note.Attribute("class")!.Value);
        Assert.Contains("not whole", note.Value, StringComparison.Ordinal);
    }

    private XDocument Page(params string[] runs) => XDocument.Parse(RunPage.Make([.. runs.Select(run => RunFiles.Read(_folder[run]))]).ToHtml());

    private static string[] Row(XDocument page, string title) =>
        [.. page.Descendants("tr").First(row => row.Elements().First().Value == title).Elements().Select(cell => cell.Value)];
}
