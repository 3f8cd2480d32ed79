using System.Text.Json;
using Clouds.Cli.Commands;
using Clouds.Cli.Console;
using Clouds.Diagnostics;

namespace Clouds.Tests.Cli.Console;

[Kind(TestKind.Fast)]
public class ProgressTests
{
    [Fact]
    public void Measure_SteadyWork_GivesRateAndRemainingTime()
    {
        ManualTime time = new();
        ProgressClock clock = new(time);
        clock.Measure(new ProgressReport("train", 0, 100));
        Pace pace = new(TimeSpan.Zero, 0, null);
        for (int done = 1; done <= 20; done++)
        {
            time.Advance(0.5);
            pace = clock.Measure(new ProgressReport("train", done, 100));
        }

        Assert.Equal(2, pace.Rate, 6);
        Assert.Equal(40, pace.Remaining!.Value.TotalSeconds, 3);
        Assert.Equal(10, pace.Elapsed.TotalSeconds, 3);
    }

    [Fact]
    public void Measure_NewStage_StartsAnew()
    {
        ManualTime time = new();
        ProgressClock clock = new(time);
        clock.Measure(new ProgressReport("train", 0, 100));
        time.Advance(1);
        clock.Measure(new ProgressReport("train", 50, 100));
        Pace pace = clock.Measure(new ProgressReport("evaluate", 0, 10));
        Assert.Equal(TimeSpan.Zero, pace.Elapsed);
        Assert.Null(pace.Remaining);
    }

    [Fact]
    public void Track_Plain_WritesFirstLastAndOneLineAnInterval()
    {
        ManualTime time = new();
        using StringWriter error = new();
        int result = new ProgressDisplay(error, ProgressStyle.Plain, time).Track(progress =>
        {
            for (int done = 0; done <= 100; done++)
            {
                progress.Report(new ProgressReport("train", done, 100, new Dictionary<string, double> { ["loss"] = 1.5 }));
                time.Advance(0.1);
            }

            return 7;
        });
        string[] lines = error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(7, result);
        Assert.Equal(3, lines.Length);
        Assert.Contains("train 50/100 (50 %), 10.0/s, 5 s to go, loss 1.5", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Describe_PartOfAWhole_TellsItsEndToo()
    {
        ManualTime time = new();
        ProgressClock clock = new(time);
        ProgressReport Report(int done) => new("stage 1: train", done, 100) { Whole = new ProgressReport("run", done, 300) };
        clock.Measure(Report(0));
        time.Advance(50);
        Pace pace = clock.Measure(Report(50));
        Assert.Equal("stage 1: train 50/100 (50 %), 1.0/s, 50 s to go, run 50/300 (17 %), about 4:10 to go", ProgressClock.Describe(Report(50), pace));
    }

    [Fact]
    public void Track_Json_WritesAnObjectALine()
    {
        using StringWriter error = new();
        new ProgressDisplay(error, ProgressStyle.Json, new ManualTime()).Track(progress =>
        {
            progress.Report(new ProgressReport("train", 1, 0, new Dictionary<string, double> { ["loss"] = double.NaN }));
            return 0;
        });
        using JsonDocument json = JsonDocument.Parse(error.ToString());
        Assert.Equal("progress", json.RootElement.GetProperty("type").GetString());
        Assert.Equal("NaN", json.RootElement.GetProperty("metrics").GetProperty("loss").GetString());
    }

    [Fact]
    public void OnSignal_Json_IsOneJsonLine()
    {
        using StringWriter error = new();
        using Interruption interruption = new(error, _ => { }, json: true);
        interruption.OnSignal();
        Assert.Equal("warning", JsonElement.Parse(error.ToString()).GetProperty("type").GetString());
    }

    [Fact]
    public void OnSignal_OfAServer_IsTheServersOwnWords()
    {
        using StringWriter error = new();
        using Interruption interruption = new(error, _ => { }) { Ending = VerbList.All.Single(verb => verb.Name == "serve").OnInterruption };
        interruption.OnSignal();
        Assert.Equal("clouds: taking no more requests, and letting those under way end; press Ctrl-C again to stop at once", error.ToString().TrimEnd());
    }

    [Fact]
    public void OnSignal_FirstAsksAndSecondForces()
    {
        using StringWriter error = new();
        List<int> exits = [];
        using Interruption interruption = new(error, exits.Add);
        interruption.OnSignal();
        Assert.True(interruption.Token.IsCancellationRequested);
        Assert.Empty(exits);
        interruption.OnSignal();
        Assert.Equal([130], exits);
    }
}
