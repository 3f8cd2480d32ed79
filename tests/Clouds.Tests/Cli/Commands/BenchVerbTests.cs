using System.Text.Json;
using System.Xml.Linq;
using Clouds.Cli.Commands;
using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Diagnostics;
using Clouds.Emulator;
using Clouds.Tests.Verification.Kernels;
using Clouds.Verification.Benchmarks;
using Clouds.Verification.Kernels;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Emulated)]
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
        Assert.Contains("average, all, 1 thread  10.000    5.000      0        2.000", run.Out);
        Assert.DoesNotContain("merge", run.Out);
    }

    [Fact]
    public void Compare_LinesOfMaps_MatchesMapAndPeer()
    {
        LabellingRow row = new("street", "clouds.c4.t1", 30, new BenchTime(2e-3, 1.9e-3, 9, 9, 10), 2_000_000);
        string first = Save("first.jsonl", KernelTable.JsonLine(row) + "\n" + KernelTable.JsonLine(row with { Peer = "other" }) + "\n");
        string second = Save("second.jsonl", KernelTable.JsonLine(row with { Time = row.Time with { Median = 1e-3, Least = 1e-3 } }));
        CommandLineRun run = Run("bench", "compare", first, second);
        Assert.Contains("street, clouds.c4.t1  2.000     1.000      5        2.000", run.Out);
        Assert.StartsWith("""{"map":"street","peer":"clouds.c4.t1","result":30,"ms_median":2,"ms_min":1.9,"mpx_s":1000,""", KernelTable.JsonLine(row));
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
    [InlineData(10, 9.5, 10.4, 10, "0.962 (the same)", 0)]
    [InlineData(10, 9.5, 12, 11.5, "0.833", 1)]
    [InlineData(10, 7, 20, 19, "too noisy", 0)]
    [InlineData(10, 9.5, 20, 10, "too noisy", 0)]
    public void Compare_NoisyFigures_CountOnlyBeyondTheirNoise(double oldMs, double oldMin, double newMs, double newMin, string expected, int exit)
    {
        string Line(double ms, double min) => KernelTable.JsonLine(new LabellingRow("a", "b", 1, new BenchTime(ms / 1e3, min / 1e3, 9, 9, 1), 100));
        CommandLineRun run = Run("bench", "compare", Save("first", Line(oldMs, oldMin)), Save("second", Line(newMs, newMin)), "--tolerance", "1");
        Assert.Contains(expected, run.Out, StringComparison.Ordinal);
        Assert.Contains(expected == "too noisy" ? "0 compared, 1 too noisy" : "1 compared, 0 too noisy", run.Out, StringComparison.Ordinal);
        Assert.Equal(exit, run.ExitCode);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("12")]
    [InlineData("""{"kernels": 3}""")]
    [InlineData("""{"map": "a", "peer": "b", "ms_median": 0}""")]
    [InlineData("{}")]
    [InlineData("nothing")]
    [InlineData("")]
    [InlineData("""{"map": "a", "peer": "b", "ms_median": "slow"}""")]
    [InlineData("{\"map\": \"a\", \"peer\": \"b\", \"ms_median\": 1}\n{\"map\": \"a\", \"peer\": \"b\", \"ms_median\": 2}")]
    public void Compare_NoResults_IsBadInput(string text)
    {
        string good = Save("good.json", JsonText.Document(Report(("average", 10))));
        CommandLineRun bad = Run("bench", "compare", good, Save("bad.json", text));
        Assert.Equal((int)Failure.BadInput, bad.ExitCode);
        Assert.Matches("found     (0 bytes|no timed work|no JSON at line 1|JSON of another kind|the same work twice|no time above 0)", bad.Error);
        Assert.Equal((int)Failure.BadInput, Run("bench", "compare", good, Path.Combine(_folder, "gone.json")).ExitCode);
        Assert.Equal((int)Failure.BadInput, Run("bench", "compare", good, Save("other.json", JsonText.Document(Report(("merge", 1))))).ExitCode);
    }

    [Theory]
    [InlineData(Failure.Usage, "--threads", "-1")]
    [InlineData(Failure.Usage, "--set", "execution.threads=-1")]
    [InlineData(Failure.Usage, "--runs", "0")]
    [InlineData(Failure.BadInput, "--maps", "/no/such/folder")]
    [InlineData(Failure.BadInput, "--baseline", "/no/such/file")]
    public void Kernels_WrongOption_EndsBeforeAnythingIsTimed(Failure expected, string option, string value)
        => Assert.Equal((int)expected, Run("bench", "kernels", option, value).ExitCode);

    [Theory]
    [InlineData("3", "--threads", "3")]
    [InlineData("3", "--set", "execution.threads=3")]
    [InlineData("2", "--set", "execution.threads=3", "--threads", "2")]
    public void Maps_ThreadsOfTheConfiguration_AreTheOnlyOnesTimed(string threads, params string[] options)
    {
        File.WriteAllBytes(Path.Combine(_folder, "a.u8"), new byte[64]);
        Save("index.json", """[{ "name": "a", "file": "a.u8", "h": 8, "w": 8, "kind": "binary" }]""");
        CommandLineRun run = Run(["bench", "kernels", "--maps", _folder, "--runs", "1", "--json", .. options]);
        Assert.Equal(0, run.ExitCode);
        Assert.All(run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.Matches($@"\.t{threads}$", JsonElement.Parse(line).GetProperty("peer").GetString()));
    }

    [Fact]
    public void Page_OfARun_IsWellFormedAndDrawsARoofForEveryNumberOfThreads()
    {
        KernelReport report = Report(("average", 10), ("merge <&>", 4));
        XDocument page = XDocument.Parse(RooflinePage.Make(report, new Dictionary<string, BenchFigure> { ["average, all, 1 thread"] = new(20, 20) }).ToHtml());
        Assert.Equal(2, page.Descendants().Count(element => element.Name.LocalName == "svg"));

        // Each kernel in a plot and in its legend.
        Assert.Equal(4, page.Descendants().Count(element => element.Name.LocalName == "circle"));
        Assert.Contains(page.Descendants(), element => element.Name.LocalName == "td" && element.Value == "2.00");
    }

    [NvrtcFact]
    public void Kernels_OnAGpu_AreTimedCountedAndCompared()
    {
        string page = Path.Combine(_folder, "page.html");
        CommandLineRun run = Run("bench", "kernels", "--device", "cuda:1", "--quick", "--runs", "1", "--json", "--html", page);
        Assert.Equal(0, run.ExitCode);
        using JsonDocument json = JsonDocument.Parse(run.Out);
        JsonElement gpu = json.RootElement.GetProperty("gpu");
        Assert.Equal("PTX emulator, sm_90", gpu.GetProperty("name").GetString());
        Assert.Equal(
            KernelFamilies.All.Select(family => family.Name), gpu.GetProperty("kernels").EnumerateArray().Select(row => row.GetProperty("kernel").GetString()));
        Assert.All(gpu.GetProperty("kernels").EnumerateArray(), row => Assert.True(row.GetProperty("gigabytesPerSecond").GetDouble() > 0));
        JsonElement ema = json.RootElement.GetProperty("counted").EnumerateArray().Single(row => row.GetProperty("kernel").GetString() == "ema");
        Assert.Equal(12, ema.GetProperty("bytesAUnit").GetDouble());
        Assert.Equal(1, ema.GetProperty("ratio").GetDouble());
        string html = File.ReadAllText(page);
        Assert.Equal(1, XDocument.Parse(html).Descendants().Count(element => element.Name.LocalName == "svg"));
        Assert.Contains("Bytes, counted by the emulator", html, StringComparison.Ordinal);
        Assert.Contains("<td>ms_deform_attn_backward</td>", html, StringComparison.Ordinal);
        string saved = Save("gpu.json", run.Out);
        Assert.Contains("ema, ", Run("bench", "compare", saved, saved).Out, StringComparison.Ordinal);
    }

    [NvrtcFact]
    public void Kernels_CountedBytes_KeepToTheirLimits()
    {
        IReadOnlyList<CountedBytes> counted =
            ByteCounting.Run(TestToolchain.Found, TestToolchain.Emulate, null, CancellationToken.None);
        Assert.All(counted, row => Assert.True(row.Passed, $"{row.Kernel}: {row.Ratio} of {row.AllowedRatio}; {string.Join("; ", row.Bars)}"));
        Assert.Contains(counted, row => row.Bars.Any(bar => bar.What.Contains("warp instructions", StringComparison.Ordinal)));
    }

    [NvrtcFact]
    public void Kernels_WithoutNvrtc_SayThatBytesWereNotCounted()
    {
        BenchKernelsVerb verb = new(TestToolchain.MissingAfter(80, new EmulatorSettings()), TestToolchain.Emulate);
        CommandLineRun run = CommandLineRun.Of([verb], ["bench", "kernels", "--device", "cuda", "--quick", "--runs", "1", "--json"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("bytes were not counted", run.Error, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(run.Out);
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("counted").ValueKind);
    }

    [Fact]
    public void Kernels_OnTheEmulatedDevice_AreRefused()
        => Assert.Equal((int)Failure.Usage, Run("bench", "kernels", "--device", "emulated").ExitCode);

    [Fact]
    public void Compare_FileOfAnEarlierVersion_IsStillRead()
    {
        string old =
            Save("old.json", """{ "processors": 2, "roofs": [], "kernels": [{ "kernel": "average", "problem": "all", "threads": 1, "msMedian": 4 }] }""");
        string now = Save("new.json", JsonText.Document(Report(("average", 2))));
        Assert.Contains("average, all, 1 thread  4.000     2.000      0        2.000", Run("bench", "compare", old, now).Out, StringComparison.Ordinal);
    }

    private static CommandLineRun Run(params string[] arguments)
    {
        KernelToolchain toolchain = TestToolchain.Behind(new(), new() { Architecture = 90 });
        return CommandLineRun.Of([new BenchKernelsVerb(toolchain, TestToolchain.Emulate), new BenchCompareVerb()], arguments);
    }

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
