using System.Globalization;
using Clouds.Cli.Reports;
using Clouds.Training.Streets.World;

namespace Clouds.Cli.Method.Pages;

/// <summary>IoU of every class, and which classes the source's own test scenes have not taught.</summary>
internal sealed class ClassScores(SeedRuns runs)
{
    private const string Bound = "with at least 0.3 % of the source's pixels";

    private static readonly Func<MethodTest, bool> Source = test => test.Group == WorldGroup.Source;
    private static readonly Func<MethodTest, bool> Unseen = test => test.Group != WorldGroup.Source;

    private IReadOnlyDictionary<string, double> Shares => runs.First.Tests.First(Source).Shares;

    private IEnumerable<string> Names => runs.First.Tests.SelectMany(test => test.Shares.Keys).Distinct().OrderByDescending(Share);

    /// <summary>Adds the sentences and the table.</summary>
    public void AddTo(HtmlReport page)
    {
        foreach (MethodArm arm in runs.Steps.Where(arm => arm == MethodArm.Source || arm == runs.Last))
        {
            _ = Missed(arm).Any() ? page.AddNote(Sentence(arm)) : page.AddText(Sentence(arm));
        }

        string[] arms = [.. runs.Arms.Select(ArmWords.Name)];
        page.AddMarkup(new ScoreGrid(
            "IoU in percent; shares are of the pixels of the source's test scenes; the gain, in points, is the whole method's over source only",
            [("source", ["share"]), ("IoU on the source", arms), ("mean IoU on the unseen styles where the class occurs", [.. arms, "gain"])],
            [.. Names.Select(Row)]) { HasBest = false }.Draw());
    }

    private IEnumerable<WeakClass> Missed(MethodArm arm) => runs.Summary.WeakClasses.Where(weak => weak.Arm == arm);

    private string Sentence(MethodArm arm)
    {
        string missed = string.Join(", ", Missed(arm).Select(weak => $"{weak.Name} ({weak.Iou})"));
        return missed.Length == 0 ? $"{ArmWords.Name(arm)}: every class {Bound} reaches IoU 25 there."
            : $"{ArmWords.Name(arm)}: of the classes {Bound} these stay below IoU 25 there: {missed}.";
    }

    private GridRow Row(string name) => new(name, "",
    [
        new(Share(name).ToString("0.0", CultureInfo.InvariantCulture), "", null),
        .. runs.Arms.Select(arm => Cell(result => Mean(result, name, arm, Source))),
        .. runs.Arms.Select(arm => Cell(result => Mean(result, name, arm, Unseen))),
        Gain(name),
    ], Missed(runs.Last).Any(weak => weak.Name == name));

    private GridCell Gain(string name)
    {
        double? Points(MethodResult result) => Mean(result, name, runs.Last, Unseen) - Mean(result, name, MethodArm.Source, Unseen);
        GridCell gain = Cell(Points);
        return gain.Value is double points ? gain with { Text = ScoreText.Signed(points) } : gain;
    }

    private double Share(string name) => Shares.GetValueOrDefault(name);

    // The test scenes are the same in every run, so a class that the first lacks is in none.
    private GridCell Cell(Func<MethodResult, double?> number) =>
        number(runs.First) is null ? GridCell.None : GridCell.Of(runs.Summary.Over(result => number(result)!.Value));

    private static double? Mean(MethodResult result, string name, MethodArm arm, Func<MethodTest, bool> counts) => result.Tests
        .Zip(result.Find(arm)!.Scores).Where(pair => counts(pair.First) && pair.Second.Classes.ContainsKey(name))
        .Select(pair => (double?)pair.Second.Classes[name]).Average();
}
