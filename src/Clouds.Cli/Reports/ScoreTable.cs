using Clouds.Training.Evaluation;

namespace Clouds.Cli.Reports;

/// <summary>IoU of every class, one column a data set, then the measures of the whole sets; percent.</summary>
/// <param name="results">The data sets.</param>
/// <param name="average">Whether a last column has the mean over the sets, as the paper's tables do.</param>
internal sealed class ScoreTable(IReadOnlyList<EvaluationResult> results, bool average = false)
{
    public IReadOnlyList<string> Columns { get; } =
        ["class", .. DistinctNames.Of(results.Select(result => result.Dataset).Concat(average ? ["average"] : []))];

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
        .. Where(results.Any(result => result.Synthia16 is not null), Row("mIoU of SYNTHIA's 16", result => result.Synthia16?.Mean)),
        .. Where(results.Any(result => result.Counts.Restricted is not null), Row("the same, restricted", result => result.Synthia16?.Restricted)),
        .. Where(results.Any(result => result.Boundary is not null), Row("boundary mIoU", result => result.Boundary?.MeanIou)),
        Row("pixel accuracy", result => result.Scores.PixelAccuracy),
        Row("majority class mIoU", result => result.Scores.MajorityBaselineMeanIou),
        Row("ignored pixels", result => result.IgnoredShare),
        ["images", .. results.Select(result => $"{result.Images.Count}"), .. Where(average, $"{results.Sum(result => result.Images.Count)}")],
        ["labels", .. results.Select(result => result.GtSpace == GroundTruthSpace.Resized ? "resized" : "original"), .. Where(average, "")],
        .. Where<IReadOnlyList<string>>(results.Any(result => result.Views is not null),
            ["looks", .. results.Select(result => result.Views ?? "single"), .. Where(average, "")]),
    ];

    private static T[] Where<T>(bool condition, T item) => condition ? [item] : [];

    private string[] Row(string name, Func<EvaluationResult, double?> measure) =>
        [name, .. results.Select(result => Percent.Text(measure(result))), .. Where(average, Percent.Text(SetAverage.Of(results, measure)))];
}
