using Clouds.Cli.Console;
using Clouds.Cli.Method;

namespace Clouds.Cli.Experiments;

/// <summary>Runs of the whole method in miniature in the ledger of a reproduction folder: a line for each seed and arm, row "mini-ARM".</summary>
/// <param name="folder">The reproduction folder.</param>
internal sealed class MiniLedger(ReproductionFolder folder)
{
    /// <summary>Appends what is not there yet.</summary>
    /// <param name="run">Where the run lies.</param>
    /// <param name="result">What it found.</param>
    public void Append(MethodFolder run, MethodResult result)
    {
        MethodTimes times = MethodTimes.Read(run.Times);
        HashSet<(string, string, string)> known = [.. folder.Ledger.Read().Select(entry => (entry.Row, entry.Folder, entry.Settings))];
        foreach (MethodScores arm in result.Arms)
        {
            LedgerEntry entry = Entry(run, result, arm, times);
            if (!known.Contains((entry.Row, entry.Folder, entry.Settings)))
            {
                folder.Ledger.Append(entry);
            }
        }
    }

    private LedgerEntry Entry(MethodFolder run, MethodResult result, MethodScores arm, MethodTimes times)
    {
        string name = MethodFolder.Name(arm.Arm);
        double hours = Math.Round(times.Seconds.GetValueOrDefault($"train {name}") / 3600, 4);
        string place = folder.Below(run.Run(arm.Arm));
        return new LedgerEntry
        {
            Row = $"mini-{name}",
            Date = times.Date,
            Versions = times.Versions,
            Machine = times.Machine,
            Settings = SettingsDigest.Of([JsonText.Line(result.Plan with { Seed = 0 })]),
            Deviations = [],
            Seed = result.Plan.Seed,
            Inputs = result.Models,
            Stages = [new LedgerStage(arm.Arm is MethodArm.Source or MethodArm.Scratch ? 1 : 2, place, arm.Steps, hours)],
            Scores = [.. result.Tests.Zip(arm.Scores).Select(pair => Score(pair.First, pair.Second))],
            Average = Math.Round(result.Mean(arm.Arm)!.Value, 3),
            Hours = Math.Round(hours + (times.Seconds.GetValueOrDefault($"test {name}") / 3600), 4),
            Folder = place,
        };
    }

    private static LedgerScore Score(MethodTest test, MethodScore score) =>
        new(test.Name, test.Images, "original", score.MeanIou, score.Classes.ToDictionary(pair => pair.Key, pair => (double?)pair.Value));
}
