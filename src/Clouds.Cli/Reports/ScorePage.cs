using System.Globalization;
using Clouds.Training.Evaluation;

namespace Clouds.Cli.Reports;

/// <summary>The page of an evaluation: the table, and for each data set its confusions and the images with the lowest and the highest scores.</summary>
internal static class ScorePage
{
    private const int Listed = 10;

    /// <summary>Makes the page.</summary>
    /// <param name="scored">What was scored.</param>
    /// <param name="results">One entry a data set, at least one.</param>
    public static HtmlReport Of(string scored, IReadOnlyList<EvaluationResult> results)
    {
        ScoreTable table = new(results, average: results.Count > 1);
        HtmlReport page = new HtmlReport($"Scores of {scored}").AddText("All in percent.").AddTable(table.Columns, table.Rows);
        foreach (EvaluationResult result in results)
        {
            page.AddHeading(result.Dataset);
            result.Findings().ToList().ForEach(finding => page.AddText(finding));
            page.AddConfusions(result.Counts.Matrix);
            ImageScore[] ranked = [.. result.Images.Where(image => image.MeanIou is not null).OrderBy(image => image.MeanIou)];
            page.AddText("Images with the lowest mIoU").AddTable(Columns, ranked.Take(Listed).Select(Row))
                .AddText("Images with the highest mIoU").AddTable(Columns, ranked.Reverse().Take(Listed).Select(Row));
        }

        return page;
    }

    private static IReadOnlyList<string> Columns => ["image", "mIoU", "pixel accuracy", "pixels"];

    private static IReadOnlyList<string> Row(ImageScore image) =>
        [image.Name, Percent.Text(image.MeanIou), Percent.Text(image.PixelAccuracy), image.Pixels.ToString(CultureInfo.InvariantCulture)];
}
