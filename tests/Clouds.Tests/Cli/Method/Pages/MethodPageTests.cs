using System.Xml.Linq;
using Clouds.Cli.Method;
using Clouds.Cli.Method.Pages;
using Clouds.Diagnostics;

namespace Clouds.Tests.Cli.Method.Pages;

[Kind(TestKind.Fast)]
public sealed class MethodPageTests : IDisposable
{
    private static readonly MethodArm[] ThreeArms = [MethodArm.Source, MethodArm.Generated, MethodArm.Refined];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_WholeRun_HasEverySectionAndStandsAlone()
    {
        MethodFolder run = WrittenMethod.Write(_folder["run"], WrittenMethod.Result());
        MethodPage.Write(run.Page, [run]);
        XDocument page = XDocument.Parse(File.ReadAllText(run.Page));
        string[] ids = [.. page.Descendants().Attributes("id").Select(id => id.Value)];
        string[] links = [.. page.Descendants().Attributes("href").Select(link => link.Value)];
        Assert.All(MethodSections.All, section => Assert.Contains(section.Id, ids));
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(links, link => Assert.Contains(link[1..], ids));
        Assert.All(PipelineFigure.Links, section => Assert.Contains($"#{section}", links));
        Assert.DoesNotContain(page.Descendants(), element => element.Name.LocalName is "script" or "link" or "iframe");
        Assert.All(page.Descendants("img"), image => Assert.NotEqual("", image.Attribute("alt")!.Value));
        Assert.All(page.Descendants().Attributes("src"), source => Assert.StartsWith("data:image/", source.Value, StringComparison.Ordinal));
        Assert.All(Notes(page), note => Assert.Contains("stay below IoU 25", note, StringComparison.Ordinal));
    }

    [Fact]
    public void Make_WholeRun_ShowsPromptsRefinementPicturesCurvesAndCosts()
    {
        XDocument page = Page(WrittenMethod.Write(_folder["run"], WrittenMethod.Result()));
        string text = page.Root!.Value;
        Assert.Equal(2, page.Descendants("div").Single(div => Class(div) == "gallery").Elements("figure").Count());
        XElement steps = page.Descendants("div").Single(div => Class(div) == "steps");
        Assert.Equal(5, steps.Elements("figure").Count());
        Assert.Equal(15, steps.Descendants("circle").Count());
        Assert.Contains("3 of 3 regions asked for", text, StringComparison.Ordinal);
        Assert.Equal(9, page.Descendants("div").Count(div => Class(div) == "row"));
        Assert.Contains("source only: 33 % of the pixels right", text, StringComparison.Ordinal);
        Assert.Contains("+ refined: 67 % of the pixels right", text, StringComparison.Ordinal);
        Assert.Equal(4, page.Descendants("div").Where(div => Class(div) == "charts").Elements("div").Count());
        string[] facts = ["5.0 min", "stage 1, 4.5 min", "3.5", new('b', 64), "clouds demo"];
        Assert.All(facts, fact => Assert.Contains(fact, text, StringComparison.Ordinal));
    }

    [Fact]
    public void Make_Scores_AreThePapersTablesWithOurMeans()
    {
        XElement[] tables = [.. Page(WrittenMethod.Write(_folder["run"], WrittenMethod.Result())).Descendants("table").Where(table => Class(table) == "grid")];
        Assert.Equal("40.0 10.0 12.0 14.0 16.0 18.0 14.0 20.0 22.0 24.0 22.0 17.0 50.0 51.9 58.5", Row(tables[0], 0));
        Assert.Equal("40.0 12.0 14.0 16.0 18.0 20.0 16.0 22.0 24.0 26.0 24.0 19.0 50.7 53.3 58.6", Row(tables[0], 1));
        Assert.Equal("40.0 14.0 16.0 18.0 20.0 22.0 18.0 24.0 26.0 28.0 26.0 21.0 53.3 54.7 61.5", Row(tables[0], 2));
        Assert.Equal("40.0 7.0 9.0 11.0 13.0 15.0 11.0 17.0 19.0 21.0 19.0 14.0 58.6 53.0 62.8 58.1", Row(tables[1], 0));
        Assert.Equal("40.0 10.0 12.0 14.0 16.0 18.0 14.0 20.0 22.0 24.0 22.0 17.0 60.2 57.4 67.0 61.5", Row(tables[1], 1));
        Assert.Equal(14, tables[0].Descendants("b").Count());
    }

    [Theory]
    [InlineData(2, -3, "rises from 17.0 % (source only) to 21.0 % (+ refined): a gain of 4.0 points; +4.0 in group A, +4.0 in group B.",
        "The paper's order came out: source only 17.0 < + generated 19.0 < + refined 21.0.", "is above the one trained from scratch")]
    [InlineData(-1, 1, "falls from 17.0 % (source only) to 15.0 % (+ refined): a loss of 2.0 points; -2.0 in group A, -2.0 in group B.",
        "did not come out: + generated 16.0 is not above source only 17.0; + refined 15.0 is not above + generated 16.0.", "is not above the one trained")]
    [InlineData(0, 0, "stays, from 17.0 %", "did not come out", "is not above the one trained")]
    public void Verdict_AnyOutcome_SaysIt(double gain, double trained, string expected, string order, string frozen)
    {
        MethodVerdict verdict = new(SeedRuns.Read([WrittenMethod.WriteFacts(new MethodFolder(_folder.Path), WrittenMethod.Result(1, gain, trained))]));
        Assert.Contains(expected, verdict.Gain, StringComparison.Ordinal);
        Assert.StartsWith("On 8 styles", verdict.Gain, StringComparison.Ordinal);
        Assert.Contains(order, verdict.Order, StringComparison.Ordinal);
        Assert.Contains(frozen, verdict.Frozen, StringComparison.Ordinal);
    }

    [Fact]
    public void Make_SeveralSeeds_HasMeanSpreadAndHowManyAgree()
    {
        double[] gains = [1, 2, 3];
        MethodFolder[] runs = [.. gains.Select((gain, i) => WrittenMethod.WriteFacts(new MethodFolder(_folder[$"{i}"]), WrittenMethod.Result(i + 1, gain)))];
        XDocument page = Page(runs);
        XElement refined = page.Descendants("table").First(table => Class(table) == "grid").Descendants("tr").Last();

        // 12, 14, 16: deviations -2, 0, 2 of two degrees of freedom.
        Assert.Equal("14.0± 2.0", refined.Elements("td").ElementAt(1).Value);
        Assert.Equal("40.0± 0.0", refined.Elements("td").First().Value);
        Assert.Contains("a gain of 4.0 points (+2.0, +4.0, +6.0 by seed)", page.Root!.Value, StringComparison.Ordinal);
        Assert.Contains("(means; so in 3 of 3 seeds)", page.Root.Value, StringComparison.Ordinal);
        Assert.Contains("1, 2, 3: the same seed", page.Root.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Make_PartsAreMissing_SaysSo()
    {
        MethodFolder run = WrittenMethod.WriteFacts(new MethodFolder(_folder["run"]), WrittenMethod.Result(arms: [MethodArm.Source, MethodArm.Generated]));
        File.Delete(run.Times);
        string[] notes = [.. Notes(Page(run))];
        string[] expected =
        [
            "did not train an encoder", "No prompts were written", "refined nothing", "no steps in the run's folder", "No pictures were kept",
            "tells its times",
        ];
        Assert.All(expected, part => Assert.Contains(notes, note => note.Contains(part, StringComparison.Ordinal)));
        Assert.Contains("As far as it was examined, the paper's order came out", Page(run).Root!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Make_PlanThatLeavesOut_IsTold()
    {
        MethodResult result = WrittenMethod.Result(arms: ThreeArms);
        MethodFolder run = WrittenMethod.WriteFacts(new MethodFolder(_folder["run"]), result with { Plan = result.Plan with { LeavesOut = ["most steps"] } });
        Assert.Contains(Notes(Page(run)), note => note.EndsWith("leaves out: most steps.", StringComparison.Ordinal));
    }

    [Fact]
    public void Make_ClassesBelowTheBound_AreNamedWhereTheyAreLargeEnough()
    {
        XDocument page = Page(WrittenMethod.WriteFacts(new MethodFolder(_folder["run"]), WrittenMethod.Result(arms: ThreeArms)));
        Assert.Contains(Notes(page), note => note.EndsWith("source only: of the classes with at least 0.3 % of the source's pixels these stay below IoU 25 "
            + "there: pole (12.0).", StringComparison.Ordinal));
        string marked = Assert.Single(page.Descendants("tr"), row => Class(row) == "marked").Value;
        Assert.Equal("pole0.412.014.016.012.014.016.0+4.0", marked);
    }

    [Fact]
    public void Make_HostileText_IsTextOnly()
    {
        const string Hostile = "a photo of <script>alert(\"1\")</script> & ' in ]]> fog";
        XDocument page = Page(WrittenMethod.Write(_folder["run"], WrittenMethod.Result(), Hostile, "clouds demo --out '</pre><b>\u0001'"));
        Assert.DoesNotContain(page.Descendants(), element => element.Name.LocalName == "script");
        Assert.Contains("<script>alert(\"1\")</script> & '", page.Root!.Value, StringComparison.Ordinal);
        Assert.Equal("clouds demo --out '</pre><b>'", page.Descendants("pre").Single().Value);
    }

    [Fact]
    public void Read_RunsOfDifferentComparisons_AreRefused()
    {
        MethodFolder one = WrittenMethod.WriteFacts(new MethodFolder(_folder["1"]), WrittenMethod.Result());
        MethodFolder other = WrittenMethod.WriteFacts(new MethodFolder(_folder["2"]), WrittenMethod.Result(2, arms: ThreeArms));
        CloudsException refused = Assert.Throws<CloudsException>(() => SeedRuns.Read([one, other]));
        Assert.Equal(Failure.BadInput, refused.Failure);
        Assert.Equal(other.Path, refused.Where);
    }

    [Fact]
    public void Make_DamagedXray_NamesTheFile()
    {
        MethodFolder run = WrittenMethod.Write(_folder["run"], WrittenMethod.Result());
        string xray = Path.Combine(run.Xray, "000000.xray.html");
        File.WriteAllText(xray, File.ReadAllText(xray)[..2000]);
        Assert.Equal(xray, Assert.Throws<CloudsException>(() => Page(run)).Where);
    }

    private static XDocument Page(params MethodFolder[] runs) => XDocument.Parse(MethodPage.Make(SeedRuns.Read(runs)).ToHtml());

    private static IEnumerable<string> Notes(XDocument page) => page.Descendants("p").Where(text => Class(text) == "note").Select(note => note.Value);

    private static string? Class(XElement element) => element.Attribute("class")?.Value;

    private static string Row(XElement table, int number) =>
        string.Join(' ', table.Element("tbody")!.Elements("tr").ElementAt(number).Elements("td").Select(cell => cell.Value));
}
