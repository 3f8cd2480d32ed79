using System.Xml.Linq;
using Clouds.Cli.Commands;
using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Graph.Diagnostics;
using Clouds.Native.Benchmarks;

namespace Clouds.Tests.Cli.Commands;

public sealed class BenchVerbTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clouds-bench-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Compare_Documents_ShowsWhatBothTimed()
    {
        string first = Save("first.json", JsonText.Document(Report(("average", 10), ("merge", 4))));
        string second = Save("second.json", JsonText.Document(Report(("average", 5), ("points", 1))));
        CommandLineRun run = Run("bench", "compare", first, second);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("average, all, 1 thread  10.000    5.000      2.000", run.Out);
        Assert.DoesNotContain("merge", run.Out);
    }

    [Fact]
    public void Compare_LinesOfMaps_MatchesMapAndPeer()
    {
        LabellingRow row = new("street", "clouds.c4.t1", 30, new BenchTime(2e-3, 1e-3, 9, 9, 10), 2_000_000);
        string first = Save("first.jsonl", KernelTable.JsonLine(row) + "\n" + KernelTable.JsonLine(row with { Peer = "other" }) + "\n");
        string second = Save("second.jsonl", KernelTable.JsonLine(row with { Time = row.Time with { Median = 1e-3 } }));
        CommandLineRun run = Run("bench", "compare", first, second);
        Assert.Contains("street, clouds.c4.t1  2.000     1.000      2.000", run.Out);
        Assert.StartsWith("""{"map":"street","peer":"clouds.c4.t1","result":30,"ms_median":2,"ms_min":1,"mpx_s":1000,""", KernelTable.JsonLine(row));
    }

    [Theory]
    [InlineData("20", 0)]
    [InlineData("5", 1)]
    public void Compare_Slower_FailsBeyondTheTolerance(string percent, int exit)
    {
        string first = Save("first.json", JsonText.Document(Report(("average", 10))));
        string second = Save("second.json", JsonText.Document(Report(("average", 11))));
        Assert.Equal(exit, Run("bench", "compare", first, second, "--tolerance", percent).ExitCode);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("nothing")]
    [InlineData("")]
    public void Compare_NoResults_IsBadInput(string text)
    {
        string good = Save("good.json", JsonText.Document(Report(("average", 10))));
        Assert.Equal((int)Failure.BadInput, Run("bench", "compare", good, Save("bad.json", text)).ExitCode);
        Assert.Equal((int)Failure.BadInput, Run("bench", "compare", good, Path.Combine(_folder, "gone.json")).ExitCode);
        Assert.Equal((int)Failure.BadInput, Run("bench", "compare", good, Save("other.json", JsonText.Document(Report(("merge", 1))))).ExitCode);
    }

    [Theory]
    [InlineData(Failure.Usage, "--threads", "0")]
    [InlineData(Failure.Usage, "--runs", "0")]
    [InlineData(Failure.BadInput, "--maps", "/no/such/folder")]
    [InlineData(Failure.BadInput, "--baseline", "/no/such/file")]
    public void Kernels_WrongOption_EndsBeforeAnythingIsTimed(Failure expected, string option, string value)
        => Assert.Equal((int)expected, Run("bench", "kernels", option, value).ExitCode);

    [Fact]
    public void Page_OfARun_IsWellFormedAndDrawsARoofForEveryNumberOfThreads()
    {
        KernelReport report = Report(("average", 10), ("merge <&>", 4));
        XDocument page = XDocument.Parse(RooflinePage.Make(report, new Dictionary<string, double> { ["average, all, 1 thread"] = 20 }).ToHtml());
        Assert.Equal(2, page.Descendants().Count(element => element.Name.LocalName == "svg"));
        Assert.Equal(2, page.Descendants().Count(element => element.Name.LocalName == "circle"));
        Assert.Contains(page.Descendants(), element => element.Name.LocalName == "td" && element.Value == "2.00");
    }

    private static CommandLineRun Run(params string[] arguments) => CommandLineRun.Of([new BenchKernelsVerb(), new BenchCompareVerb()], arguments);

    private static KernelReport Report(params (string Kernel, double Ms)[] rows) => new(
        2, "Vector512", "test", [new MachineRoof(1, 40, 38, 50, 200), new MachineRoof(2, 40, 38, 55, 400)],
        [.. rows.Select(row => new KernelRow(row.Kernel, "all", 1, row.Ms, row.Ms, 9, 9, 12e6, 3e6, 12 / row.Ms, 3 / row.Ms, 0.5))]);

    private string Save(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
