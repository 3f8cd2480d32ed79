using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Training.Engine;
using Clouds.Training.Evaluation;

namespace Clouds.Cli.Runs;

/// <summary>Runs in a few lines: where they stand and how fast they are; a column a run.</summary>
internal sealed class RunSummary(IReadOnlyList<RunFiles> runs)
{
    // Single steps are noisy.
    private const int LastSteps = 20;

    private const double Giga = 1 << 30;

    /// <summary>What is known of any of them, each with its name first.</summary>
    public IEnumerable<IReadOnlyList<string>> Rows => runs.SelectMany(run => run.Stages).Select(stage => stage.Name).Distinct().Order(StringComparer.Ordinal)
        .SelectMany(Stage).Where(row => row.Skip(1).Any(cell => cell.Length > 0));

    private IEnumerable<IReadOnlyList<string>> Stage(string name)
    {
        string of = name == "training" ? "" : $"{name}: ";
        yield return Row($"{of}progress", stage => stage.Progress);
        yield return Row($"{of}state", stage => stage.State);
        yield return Row($"{of}loss, last {LastSteps} steps", stage => Mean(stage.Steps.TakeLast(LastSteps).Select(line => line.Loss), "0.###"));
        yield return Row($"{of}validation mIoU, best", stage => stage.Validations.LastOrDefault(line => line.Best) is ValidationLine best
            ? $"{Percent.Text(best.MeanIou)} % after {best.Step} steps"
            : "");
        yield return Row($"{of}time of the steps", stage => stage.Done == 0 ? "" : ProgressClock.Duration(stage.Duration));
        yield return Row($"{of}seconds a step, median", stage => Median([.. stage.Steps.Select(line => line.Seconds).Order()]));
        yield return Row($"{of}images a second", stage => stage.Batch is long batch && stage.Done > 0
            ? Text(batch * stage.Steps.Count / stage.Duration.TotalSeconds, "0.##")
            : "");
        yield return Row($"{of}waiting for data", stage => stage.Steps.Any(line => line.DataSeconds > 0)
            ? $"{Text(100 * stage.Steps.Sum(line => line.DataSeconds) / stage.Duration.TotalSeconds, "0.#")} %"
            : "");
        yield return Row($"{of}memory, most", stage => stage.Steps.Max(line => line.Memory) is long bytes ? $"{Text(bytes / Giga, "0.##")} GiB" : "");
        yield return Row($"{of}steps that were not finite", stage => stage.NotFinite == 0 ? "" : Text(stage.NotFinite, "0"));

        IReadOnlyList<string> Row(string title, Func<RunStage, string> cell) =>
            [title, .. runs.Select(run => run.Stages.FirstOrDefault(stage => stage.Name == name) is RunStage found ? cell(found) : "")];
    }

    private static string Mean(IEnumerable<double> values, string format) =>
        values.Where(double.IsFinite).ToArray() is { Length: > 0 } finite ? Text(finite.Average(), format) : "";

    private static string Median(double[] ordered) => ordered.Length == 0 ? "" : Text(ordered[ordered.Length / 2], "0.###");

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
