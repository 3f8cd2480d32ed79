using System.Globalization;
using System.Text;
using Clouds.Training.Evaluation;

namespace Clouds.Cli.Reports;

/// <summary>
/// Draws a confusion matrix as inline SVG: a row for each true class, and in it how its pixels were answered, in percent of the row; the more, the darker.
/// Shares below half a percent are left blank.
/// </summary>
internal static class ConfusionChart
{
    private const int Cell = 34;
    private const int Left = 110;
    private const int Top = 96;
    private const int Right = 64;
    private const double Shown = 0.005;
    private const double Darkest = 0.85;

    /// <summary>The chart as an svg element with a text alternative.</summary>
    public static string Draw(ConfusionMatrix matrix)
    {
        IReadOnlyList<string> names = matrix.Classes.Names;
        IReadOnlyList<string> answers = Enumerable.Range(0, names.Count).Any(truth => matrix[names.Count, truth] > 0) ? [.. names, "no class"] : names;
        (int width, int height) = (Left + (Cell * answers.Count) + Right, Top + (Cell * names.Count) + 2);
        StringBuilder svg = new();
        svg.Append(Invariant($"<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"confusion matrix\" xmlns=\"http://www.w3.org/2000/svg\">\n"));
        svg.Append("<title>rows: true classes; columns: answers; percent of the row</title>\n");
        foreach ((int column, string name) in answers.Index())
        {
            int x = Left + (Cell * column) + (Cell / 2);
            svg.Append(Invariant($"<text class=\"label\" transform=\"translate({x + 4} {Top - 6}) rotate(-60)\">{Escape(name)}</text>\n"));
        }

        foreach ((int truth, string name) in names.Index())
        {
            AppendRow(svg, matrix, truth, name, answers);
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void AppendRow(StringBuilder svg, ConfusionMatrix matrix, int truth, string name, IReadOnlyList<string> answers)
    {
        int y = Top + (Cell * truth);
        svg.Append(Invariant($"<text class=\"label\" x=\"{Left - 6}\" y=\"{y + (Cell / 2) + 4}\" text-anchor=\"end\">{Escape(name)}</text>\n"));
        foreach ((int answer, string answered) in answers.Index())
        {
            string tip = Invariant($"{name} answered as {answered}: {100 * Share(matrix, answer, truth):0.00} %, {matrix[answer, truth]} pixels");
            AppendCell(svg, (Left + (Cell * answer), y), Share(matrix, answer, truth), answer == truth ? "--c0" : "--c1", tip);
        }
    }

    private static void AppendCell(StringBuilder svg, (int X, int Y) at, double share, string colour, string tip)
    {
        string style = Invariant($"fill: var({colour}); fill-opacity: {Darkest * share:0.###}");
        svg.Append(Invariant($"<rect class=\"grid\" x=\"{at.X}\" y=\"{at.Y}\" width=\"{Cell}\" height=\"{Cell}\" style=\"{style}\">"))
            .Append(Invariant($"<title>{Escape(tip)}</title></rect>\n"));
        if (share >= Shown)
        {
            (int x, int y) = (at.X + (Cell / 2), at.Y + (Cell / 2) + 4);
            svg.Append(Invariant($"<text class=\"label\" x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{100 * share:0}</text>\n"));
        }
    }

    private static double Share(ConfusionMatrix matrix, int answer, int truth) => matrix[answer, truth] / (double)Math.Max(1, matrix.Truth(truth));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Escape(string text) => HtmlPage.Escape(text);
}
