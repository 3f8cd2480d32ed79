using Clouds.Training.Evaluation;

namespace Clouds.Cli.Reports;

/// <summary>IoU of every class, one column a data set, then the measures of the whole sets; percent.</summary>
internal sealed class ScoreTable(IReadOnlyList<EvaluationResult> results)
{
    public IReadOnlyList<string> Columns { get; } = ["class", .. DistinctNames.Of(results.Select(result => result.Dataset))];

    public IEnumerable<IReadOnlyList<string>> Rows =>
    [
        .. results.SelectMany(result => result.Scores.Classes).Select(score => score.Name).Distinct()
            .Select(name => Row(name, result => result.Scores.Classes.FirstOrDefault(score => score.Name == name)?.Iou)),
        .. Totals,
    ];

    /// <summary>The rows of the whole sets alone.</summary>
    public IEnumerable<IReadOnlyList<string>> Totals =>
    [
        Row("mIoU", result => result.Scores.MeanIou),
        Row("pixel accuracy", result => result.Scores.PixelAccuracy),
        Row("majority class mIoU", result => result.Scores.MajorityBaselineMeanIou),
        Row("ignored pixels", result => result.IgnoredShare),
        ["images", .. results.Select(result => $"{result.Images.Count}")],
    ];

    private string[] Row(string name, Func<EvaluationResult, double?> measure) => [name, .. results.Select(result => Percent.Text(measure(result)))];
}
