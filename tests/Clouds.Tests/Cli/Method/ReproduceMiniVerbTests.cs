using System.Text.Json;
using Clouds.Cli.Commands;
using Clouds.Cli.Experiments;
using Clouds.Cli.Method;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Cli.Method;

[Kind(TestKind.Fast)]
public sealed class ReproduceMiniVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Mini_TwoSeeds_KeepsEachWithMeanAndSpreadAndASecondTimeDoesNothing()
    {
        MethodPlan plan = TinyMethod.Quick with { Arms = [MethodArm.Source] };
        string models = TinyMethod.WriteModels(_folder["models"]);
        string[] line = ["reproduce", "mini", "--models", models, "--out", _folder["out"], "--seeds", "2", "--device", "cpu"];
        CommandLineRun run = CommandLineRun.Of([new ReproduceMiniVerb(plan, TinyMethod.Tools)], line);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("±", run.Out, StringComparison.Ordinal);
        Assert.Contains("seeds 1, 2", File.ReadAllText(_folder["out/mini/mini.txt"]), StringComparison.Ordinal);
        Assert.Contains("mean of 2 seeds", File.ReadAllText(_folder["out/mini/index.html"]), StringComparison.Ordinal);
        using JsonDocument mini = JsonDocument.Parse(File.ReadAllText(_folder["out/mini/mini.json"]));
        JsonElement targets = mini.RootElement.GetProperty("arms")[0].GetProperty("targets");
        double[] values = [.. targets.GetProperty("values").EnumerateArray().Select(value => value.GetDouble())];
        Assert.NotEqual(values[0], values[1]);
        Assert.Equal(values.Average(), targets.GetProperty("mean").GetDouble(), 0.001);
        Assert.Equal(Math.Abs(values[0] - values[1]) / Math.Sqrt(2), targets.GetProperty("deviation").GetDouble(), 0.002);

        LedgerEntry[] entries = [.. new Ledger(_folder["out/ledger.jsonl"]).Read()];
        Assert.Equal([("mini-source", 1L), ("mini-source", 2L)], entries.Select(entry => (entry.Row, entry.Seed!.Value)));
        CommandLineRun again = CommandLineRun.Of([new ReproduceMiniVerb(plan, TinyMethod.Tools)], line);
        Assert.Equal((0, run.Out), (again.ExitCode, again.Out));
        Assert.Equal(2, new Ledger(_folder["out/ledger.jsonl"]).Read().Count);
        Assert.Contains("mini-source", File.ReadAllText(Summary()), StringComparison.Ordinal);
    }

    [Fact]
    public void Mini_NoSeeds_IsRefused() => Assert.Equal(2, CommandLineRun.Clouds("reproduce", "mini", "--seeds", "0").ExitCode);

    private string Summary()
    {
        Assert.Equal(0, CommandLineRun.Clouds("reproduce", "summary", "--out", _folder["out"]).ExitCode);
        return _folder["out/summary.html"];
    }
}
