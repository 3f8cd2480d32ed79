using System.Globalization;
using Clouds.Training.Evaluation;

namespace Clouds.Cli.Reports;

/// <summary>The page of two results side by side.</summary>
internal static class ComparisonPage
{
    private const int ListedImages = 20;

    /// <summary>Headings of a table of differences.</summary>
    public static string[] Columns(string what) => [what, "A", "B", "gain"];

    /// <summary>One row of it, percent and points.</summary>
    public static IReadOnlyList<string> Row(ScoreDifference difference) =>
        [difference.Name, Percent.Text(difference.First), Percent.Text(difference.Second), Points(difference.Gain)];

    /// <summary>The rows of the whole set that have something to tell.</summary>
    public static IEnumerable<IReadOnlyList<string>> Totals(EvaluationComparison pair) =>
        pair.Totals.Where(total => total.First is not null || total.Second is not null).Select(Row);

    /// <summary>Makes the page.</summary>
    /// <param name="first">What A is.</param>
    /// <param name="second">What B is.</param>
    /// <param name="compared">One entry a data set.</param>
    /// <param name="pictures">Of the images that differ most.</param>
    public static HtmlReport Of(string first, string second, IReadOnlyList<EvaluationComparison> compared, ComparedPictures pictures)
    {
        HtmlReport page = new HtmlReport("Two segmenters side by side").AddText($"A: {first}").AddText($"B: {second}")
            .AddText("All in percent; gain is B less A, in points.");
        foreach ((int set, EvaluationComparison pair) in compared.Index())
        {
            page.AddHeading($"{pair.First.Dataset}: {pair.First.Images.Count} images")
                .AddTable(Columns("measure"), Totals(pair))
                .AddTable(Columns("class: IoU"), pair.Classes.Select(Row))
                .AddTable(Columns("image: mIoU"), pair.Images.Take(ListedImages).Select(Row));
            pictures.AddTo(page, set, pair);
        }

        return page;
    }

    private static string Points(double? gain) => gain is double share ? (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture) : "-";
}
