using System.Globalization;
using Clouds.Cli.Reports;
using Clouds.Training.Engine;
using Clouds.Training.Evaluation;
using Clouds.Training.Validation;

namespace Clouds.Cli.Runs;

/// <summary>What validation says of one stage, of one run or of several: curves, scores by class, confusions, best and worst images.</summary>
/// <param name="runs">The stage in each run, by the run's name.</param>
internal sealed class RunValidation(IReadOnlyList<(string Run, RunStage Stage)> runs)
{
    private const int Extremes = 3;

    private IEnumerable<(string Run, RunStage Stage, ValidationLine Last)> Validated =>
        runs.Where(run => run.Stage.Validations.Count > 0).Select(run => (run.Run, run.Stage, run.Stage.Validations[^1]));

    /// <summary>Scores over the steps; null where there was no validation.</summary>
    public Chart? Curves => Validated.Any()
        ? new Chart("Validation, mean IoU", "steps", "mIoU %", [.. Validated.SelectMany(run => Sets(run.Stage).Select(set => Curve(run.Run, run.Stage, set)))])
        : null;

    /// <summary>Adds what cannot be drawn as a curve.</summary>
    public void AddTo(HtmlReport page)
    {
        if (Validated.Any())
        {
            AddScores(page);
            Validated.ToList().ForEach(run => AddRecord(page, run.Run, run.Stage));
        }
    }

    private ChartSeries Curve(string run, RunStage stage, string set) => new(Named(run, set),
        [.. stage.Validations.Select(line => ((double)line.Step, 100 * (Of(line, set)?.MeanIou ?? double.NaN)))]);

    // Of every run and set the last validation, and the best of all.
    private void AddScores(HtmlReport page)
    {
        (string Name, ValidationScore Last, ValidationLine? Best)[] columns = [.. Validated.SelectMany(run => run.Last.Validation.Select(score =>
            (Named(run.Run, score.Data), score, run.Stage.Validations.LastOrDefault(line => line.Best))))];
        string[] classes = [.. columns.SelectMany(column => column.Last.Classes.Keys).Distinct()];
        page.AddHeading("Validation: percent").AddTable(["", .. columns.Select(column => column.Name)],
        [
            ["mIoU, last", .. columns.Select(column => Percent.Text(column.Last.MeanIou))],
            ["mIoU, best model", .. columns.Select(column => Percent.Text(Of(column.Best, column.Last.Data)?.MeanIou))],
            ["best model at step", .. columns.Select(column => column.Best?.Step.ToString(CultureInfo.InvariantCulture) ?? "-")],
            ["pixel accuracy, last", .. columns.Select(column => Percent.Text(column.Last.PixelAccuracy))],
            .. classes.Select(name =>
                (IReadOnlyList<string>)[$"IoU of {name}", .. columns.Select(column => Percent.Text(column.Last.Classes.GetValueOrDefault(name)))]),
        ]);
    }

    private void AddRecord(HtmlReport page, string run, RunStage stage)
    {
        foreach (ValidatedSet set in stage.Validation?.Sets ?? [])
        {
            string name = $"{Named(run, set.Data)}, after {stage.Validation!.Step} steps";
            page.AddFolded($"Confusions of {name}", inside => inside.AddConfusions(set.Matrix()));
            ValidatedImage[] ranked = [.. set.Images.Where(image => image.MeanIou is not null).OrderByDescending(image => image.MeanIou)];
            ValidatedImage[] best = [.. ranked.Take(Extremes)], worst = [.. ranked.Skip(Extremes).TakeLast(Extremes).Reverse()];
            AddPictures(page, $"Best images of {name}", best);
            AddPictures(page, $"Worst images of {name}", worst);
        }
    }

    private static void AddPictures(HtmlReport page, string title, ValidatedImage[] images)
    {
        ReportImage[] pictures = [.. images.Where(image => image.Picture is not null)
            .Select(image => new ReportImage(image.Picture!, $"{image.Name}: mIoU {Percent.Text(image.MeanIou)} %; image, labels, answer"))];
        if (pictures.Length > 0)
        {
            page.AddText(title);
            Array.ForEach(pictures, picture => page.AddImageRow(picture));
        }
    }

    private static IEnumerable<string> Sets(RunStage stage) => stage.Validations.SelectMany(line => line.Validation).Select(score => score.Data).Distinct();

    private static ValidationScore? Of(ValidationLine? line, string set) => line?.Validation.FirstOrDefault(score => score.Data == set);

    private string Named(string run, string set) => runs.Count == 1 ? set : $"{run}: {set}";
}
