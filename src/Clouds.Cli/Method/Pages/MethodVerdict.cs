using System.Globalization;
using Clouds.Training.Streets.World;

namespace Clouds.Cli.Method.Pages;

/// <summary>What came out, in sentences that say it whatever it is. Unseen styles are those of groups A and B: no labelled image shows them.</summary>
internal sealed class MethodVerdict(SeedRuns runs)
{
    private const string Otherwise = "not above the one trained from scratch, unlike";

    /// <summary>What the whole method gains on unseen styles.</summary>
    public string Gain
    {
        get
        {
            int styles = runs.First.Tests.Count(test => test.Group != WorldGroup.Source);
            (Spread from, Spread to) = (Unseen(MethodArm.Source), Unseen(runs.Last));
            string change = Difference(MethodArm.Source, runs.Last) switch
            {
                > 0 => "rises from",
                < 0 => "falls from",
                _ => "stays, from",
            };
            return runs.Last == MethodArm.Source
                ? $"On {styles} styles that no labelled image shows, the mean IoU of the source-only segmenter is {from} %; nothing else was trained."
                : $"On {styles} styles that no labelled image shows, the mean IoU {change} {from} % ({ArmWords.Name(MethodArm.Source)}) to {to} % "
                    + $"({ArmWords.Name(runs.Last)}): {Gained(MethodArm.Source, runs.Last)}{InGroups}.";
        }
    }

    /// <summary>Whether the order of the paper's Table 4 came out, and where not.</summary>
    public string Order
    {
        get
        {
            (MethodArm Before, MethodArm After)[] steps = [.. runs.Steps.Zip(runs.Steps.Skip(1))];
            string wrong = string.Join("; ", steps.Where(step => !(Difference(step.Before, step.After) > 0)).Select(step =>
                $"{Place(step.After)} is not above {Place(step.Before)}"));
            string whole = string.Join(" < ", runs.Steps.Select(Place));
            return steps.Length == 0 ? "The paper's order was not examined."
                : wrong.Length > 0 ? $"The paper's order did not come out: {wrong}."
                : steps.Length == 2 ? $"The paper's order came out: {whole}{InSeeds(steps)}."
                : $"As far as it was examined, the paper's order came out: {whole}{InSeeds(steps)}.";
        }
    }

    /// <summary>Whether the frozen encoder is above the trained one, as in Table 5; empty: it was not examined.</summary>
    public string Frozen => !runs.Arms.Contains(MethodArm.Scratch) ? ""
        : $"The frozen encoder is {(Difference(MethodArm.Scratch, MethodArm.Source) > 0 ? "above the one trained from scratch, as" : Otherwise)} in Table 5: "
            + $"{Unseen(MethodArm.Source)} % against {Unseen(MethodArm.Scratch)} %.";

    /// <summary>Mean over the seeds of what an arm gains over another on unseen styles, in points.</summary>
    public double Difference(MethodArm from, MethodArm to) => Differences(from, to).Mean;

    private string InGroups => $"; {ScoreText.Signed(Gained(WorldGroup.Seen))} in group A, {ScoreText.Signed(Gained(WorldGroup.Unseen))} in group B";

    private double Gained(WorldGroup group) =>
        runs.Summary.Over(result => result.Mean(runs.Last, group)!.Value - result.Mean(MethodArm.Source, group)!.Value).Mean;

    private string Gained(MethodArm from, MethodArm to)
    {
        Spread difference = Differences(from, to);
        string each = difference.Values.Count < 2 ? "" : $" ({string.Join(", ", difference.Values.Select(ScoreText.Signed))} by seed)";
        string what = difference.Mean < 0 ? "a loss" : "a gain";
        return $"{what} of {Math.Abs(difference.Mean).ToString("0.0", CultureInfo.InvariantCulture)} points{each}";
    }

    // The order of the means may hide that single seeds disagree.
    private string InSeeds((MethodArm Before, MethodArm After)[] steps)
    {
        int agreeing = Enumerable.Range(0, runs.Results.Count).Count(seed => steps.All(step => Differences(step.Before, step.After).Values[seed] > 0));
        return runs.Results.Count < 2 ? "" : $" (means; so in {agreeing} of {runs.Results.Count} seeds)";
    }

    private string Place(MethodArm arm) => $"{ArmWords.Name(arm)} {ScoreText.Mean(Unseen(arm))}";

    private Spread Unseen(MethodArm arm) => runs.Summary.Mean(arm);

    private Spread Differences(MethodArm from, MethodArm to) => runs.Summary.Over(result => result.Mean(to)!.Value - result.Mean(from)!.Value);
}
