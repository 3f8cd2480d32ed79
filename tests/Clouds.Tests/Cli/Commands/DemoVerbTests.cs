using System.Text.Json;
using System.Xml.Linq;
using Clouds.Cli.Commands;
using Clouds.Cli.Demo;
using Clouds.Cli.Method;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class DemoVerbTests : IDisposable
{
    private static readonly DemoPlan Tiny = new() { Width = 64, Height = 64, TrainImages = 4, TestImages = 1, MostSteps = 2, FewestSteps = 1, TrialSteps = 1 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Demo_TinyPlan_ReportsTheFallFromSeenToUnseenStyles()
    {
        CommandLineRun run = CommandLineRun.Of([Verb(Tiny)], "demo", "--out", _folder["demo"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.All((string[])["source", "night", "fog", "snow", "rain", "other", "mean of the unseen"],
            style => Assert.Contains(style, run.Out, StringComparison.Ordinal));
        XDocument page = XDocument.Parse(File.ReadAllText(_folder["demo/index.html"]));
        Assert.Equal(3 * 6, page.Descendants("img").Count());
        Assert.Equal(7, page.Descendants(XName.Get("svg", "http://www.w3.org/2000/svg")).Count());
        Assert.Equal(6, Directory.GetFiles(_folder["demo/overlays"]).Length);
        Assert.True(File.Exists(_folder["demo/run/model.safetensors"]));
        Assert.False(Directory.Exists(_folder.Path + "/demo/trial"));
    }

    [Fact]
    public void Demo_NoTime_TakesTheFewestStepsAndSaysSo()
    {
        CommandLineRun run = CommandLineRun.Of([Verb(Tiny)], "demo", "--out", _folder["demo"], "--minutes", "0.0001", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument json = JsonDocument.Parse(run.Out);
        Assert.Equal(1, json.RootElement.GetProperty("steps").GetInt32());
        Assert.Equal(6, json.RootElement.GetProperty("styles").EnumerateObject().Count());
        Assert.Contains("1 steps fit the time", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Demo_MachineThatSlowsDown_EndsTrainingInTime()
    {
        DemoPlan late = Tiny with { MostSteps = 100_000, Grace = -1 };
        CommandLineRun run = CommandLineRun.Of([Verb(late)], "demo", "--out", _folder["demo"], "--minutes", "1");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("ends before its last step", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Demo_NegativeTime_IsRefused() => Assert.Equal(2, CommandLineRun.Clouds("demo", "--minutes=-1").ExitCode);

    private static DemoVerb Verb(DemoPlan plan) => new(plan, MethodPlan.Demo, MethodPlan.Quick, MethodJob.Tools);
}
