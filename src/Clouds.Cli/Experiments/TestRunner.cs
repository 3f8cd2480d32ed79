using System.Text;
using System.Text.Json;
using Clouds.Cli.Console;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Evaluation;

namespace Clouds.Cli.Experiments;

/// <summary>Scores a model on the test sets of an experiment; a set that was scored before an interruption is not scored again.</summary>
/// <param name="experiment">The experiment.</param>
/// <param name="folder">Takes a file of scores for each set.</param>
/// <param name="progress">Told after every image.</param>
/// <param name="warn">Told in a sentence what a user should know.</param>
/// <param name="cancellation">Stops between operators.</param>
internal sealed class TestRunner(
    ResolvedExperiment experiment, string folder, IProgress<ProgressReport> progress, Action<string> warn, CancellationToken cancellation)
{
    /// <summary>Scores a model on every set.</summary>
    /// <param name="open">Opens the model, when the first set is not scored yet.</param>
    public IReadOnlyList<LedgerScore> Model(Func<Segmenter> open)
    {
        Segmenter? segmenter = null;
        try
        {
            return Scores((name, data) => Evaluator.Run(
                segmenter ??= open(), data, experiment.Settings.Evaluation, experiment.Settings.Data, progress, cancellation));
        }
        finally
        {
            segmenter?.Dispose();
        }
    }

    /// <summary>Scores label images, a folder for each set.</summary>
    public IReadOnlyList<LedgerScore> Predictions(string predictions) =>
        Scores((name, data) => Evaluator.RunPredictions(
            Path.Combine(predictions, name), data, experiment.Settings.Evaluation, experiment.Settings.Data, progress, cancellation));

    private IReadOnlyList<LedgerScore> Scores(Func<string, IDataset, EvaluationResult> score)
    {
        List<LedgerScore> scores = [];
        foreach ((string name, IDataset data) in experiment.Tests)
        {
            string file = Path.Combine(folder, $"{string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'))}.json");
            LedgerScore? known = Read(file);
            if (known?.Name != name)
            {
                known = Score(name, score(name, data));
                AtomicFile.WriteAllBytes(file, Encoding.UTF8.GetBytes(JsonText.Line(known) + "\n"));
            }

            scores.Add(known);
        }

        return scores;
    }

    private LedgerScore Score(string name, EvaluationResult result)
    {
        if (result.LeftOut.Count > 0)
        {
            warn($"{name}: {result.LeftOut.Count} of {result.Images.Count + result.LeftOut.Count} images could not be scored");
        }

        bool synthia = experiment.Experiment.Config.Classes == Synthia16.Ids.Count;
        return new LedgerScore(name, result.Images.Count, SettingShape.CamelCase($"{result.GtSpace}"),
            Percent(synthia ? result.Synthia16?.Mean : result.Scores.MeanIou),
            result.Scores.Classes.ToDictionary(score => score.Name, score => Percent(score.Iou)))
        {
            Restricted = synthia ? Percent(result.Synthia16?.Restricted) : null,
        };
    }

    private static double? Percent(double? share) => share is double value ? Math.Round(100 * value, 3) : null;

    private static LedgerScore? Read(string file)
    {
        try
        {
            return File.Exists(file) ? JsonText.Read<LedgerScore>(File.ReadAllText(file)) : null;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }
}
