using System.Text.Json;
using System.Xml.Linq;
using Clouds.Cli.Experiments;
using Clouds.Tests.Cli.Experiments;
using Clouds.Tests.Graph.Weights;

namespace Clouds.Tests.Cli.Commands;

/// <summary>What `clouds reproduce` shows: show, list and summary.</summary>
[Kind(TestKind.Fast)]
public sealed class ReproducePagesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Show_Row_HasSettingsWithOriginsDataWeightsAndTime()
    {
        CommandLineRun run = CommandLineRun.Clouds("reproduce", "show", "F5-100", "--data-root", "/data", "--out", _folder["out"], "--json", "--device", "cpu");
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument shown = JsonDocument.Parse(run.Out);
        JsonElement limit = shown.RootElement.GetProperty("settings").EnumerateArray()
            .Single(leaf => leaf.GetProperty("key").GetString() == "selfTraining.generated.limit");
        Assert.Equal((100, "experiments/F5-100.json:5"), (limit.GetProperty("value").GetInt32(), limit.GetProperty("origin").GetString()));
        JsonElement[] needs = [.. shown.RootElement.GetProperty("needs").EnumerateArray()];
        Assert.Contains(needs, need => need.GetProperty("name").GetString() == "gta5" && need.GetProperty("place").GetString() == "/data/gta5");
        JsonElement[] stages = [.. shown.RootElement.GetProperty("estimate").GetProperty("stages").EnumerateArray()];
        Assert.Equal([40_000, 40_000], stages.Select(stage => stage.GetProperty("steps").GetInt32()));
        Assert.True(stages[1].GetProperty("multiplyAdds").GetDouble() > stages[0].GetProperty("multiplyAdds").GetDouble());

        // ConvNeXt-L alone asks for 0.8 Tflop an image of 768 x 768, the decoder's two passes for about half of that.
        Assert.InRange(2 * stages[0].GetProperty("multiplyAdds").GetDouble(), 8 * 0.8e12, 8 * 1.6e12);
        Assert.InRange(stages[0].GetProperty("bytes").GetInt64(), 5L << 30, 80L << 30);
    }

    [Fact]
    public void List_Ledger_ShowsReproductionsAndOthersApart()
    {
        Directory.CreateDirectory(_folder["out"]);
        Ledger ledger = new(_folder["out/ledger.jsonl"]);
        ledger.Append(LedgerTests.Entry("T1-23", 60.7));
        ledger.Append(LedgerTests.Entry("T1-06", 31.4) with { Deviations = ["training.steps is 4, not 40000"] });
        CommandLineRun run = CommandLineRun.Clouds("reproduce", "list", "--out", _folder["out"], "--data-root", _folder["none"], "--device", "cpu");
        string[] lines = run.Out.Split('\n');
        string Line(string row) => lines.Single(line => line.StartsWith($"{row} ", StringComparison.Ordinal));
        Assert.All((string[])["T1-23", "T5-b", "F6-p5"], row => Assert.Contains("60.7 (2026-11-29)", Line(row), StringComparison.Ordinal));
        Assert.Matches(@"53\.3 +- +31\.4 \(2026-11-29\), 1 deviations", Line("T1-06"));
        Assert.Contains("data gta5, generated", Line("T1-23"), StringComparison.Ordinal);
        Assert.Contains("copied from other papers", Line("T1-01"), StringComparison.Ordinal);
        Assert.Equal(67 + 1, lines.Count(line => line.Length > 0));
    }

    [Fact]
    public void Summary_Ledger_IsOnePageWithOursBesideThePapers()
    {
        Directory.CreateDirectory(_folder["out"]);
        Ledger ledger = new(_folder["out/ledger.jsonl"]);
        ledger.Append(LedgerTests.Entry("T1-23", 60.7));
        ledger.Append(LedgerTests.Entry("T1-06", 31.4) with { Deviations = ["training.steps is 4, not <40000>"] });
        CommandLineRun run = CommandLineRun.Clouds("reproduce", "summary", "--out", _folder["out"]);
        Assert.True(run.ExitCode == 0, run.Error);
        string html = File.ReadAllText(_folder["out/summary.html"]);
        string text = string.Join('|', XDocument.Parse(html).Descendants().Where(element => !element.HasElements).Select(element => element.Value));
        Assert.DoesNotContain("http", html.Replace("http://www.w3.org", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("60.7 (-0.8)", text, StringComparison.Ordinal);
        Assert.All(PublishedTables.OfPaper.Tables, table => Assert.Contains(table.Title, text, StringComparison.Ordinal));
        Assert.All(PublishedTables.OfPaper.Rows, row => Assert.Contains(row.Row, html, StringComparison.Ordinal));
        Assert.Contains("training.steps is 4, not <40000>", text, StringComparison.Ordinal);
    }
}
