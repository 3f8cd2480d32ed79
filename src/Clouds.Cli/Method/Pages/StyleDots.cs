using System.Text;
using Clouds.Cli.Reports;

namespace Clouds.Cli.Method.Pages;

/// <summary>A row for each style, and on it a mark for each arm: how far they fall, and what the method brings back.</summary>
internal sealed class StyleDots(SeedRuns runs)
{
    private const double Width = 480;
    private const double Left = 104;
    private const double Right = 16;
    private const double Top = 34;
    private const double RowHeight = 26;

    private readonly ScoreColumn[] _columns = [.. ScoreGroup.All(runs.Summary).SelectMany(group => group.Columns)];

    /// <summary>The chart as markup.</summary>
    public string Draw()
    {
        double height = Top + (_columns.Length * RowHeight) + 34;
        StringBuilder svg = new(Invariant($"<svg class=\"small dots\" viewBox=\"0 0 {Width} {height}\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\" "));
        svg.Append("aria-label=\"Mean IoU of every arm on every style; the table below has the numbers\">\n");
        AppendAxis(svg, height);
        AppendLegend(svg);
        foreach ((int place, ScoreColumn column) in _columns.Index())
        {
            AppendRow(svg, column, Top + ((place + 0.5) * RowHeight));
        }

        return svg.Append("</svg>\n").ToString();
    }

    private double Largest => Math.Max(1, _columns.SelectMany(column => runs.Arms.Select(arm => Of(column, arm))).Max());

    private void AppendAxis(StringBuilder svg, double height)
    {
        foreach (double tick in AxisTicks.Linear(0, Largest, 6))
        {
            svg.Append(Invariant($"<line class=\"grid\" x1=\"{X(tick):0.#}\" y1=\"{Top}\" x2=\"{X(tick):0.#}\" y2=\"{height - 34}\"/>"));
            svg.Append(Invariant($"<text x=\"{X(tick):0.#}\" y=\"{height - 18}\" text-anchor=\"middle\">{tick}</text>\n"));
        }

        svg.Append(Invariant($"<text class=\"label\" x=\"{Width - Right}\" y=\"{height - 3}\" text-anchor=\"end\">mean IoU in percent</text>\n"));
    }

    private void AppendLegend(StringBuilder svg)
    {
        double step = (Width - 8) / Math.Max(3, runs.Arms.Count);
        foreach ((int place, MethodArm arm) in runs.Arms.Index())
        {
            svg.Append(ArmWords.Mark(arm, 10 + (place * step), 12));
            svg.Append(Invariant($"<text class=\"label\" x=\"{20 + (place * step)}\" y=\"16\">{HtmlPage.Escape(ArmWords.Name(arm))}</text>\n"));
        }
    }

    private void AppendRow(StringBuilder svg, ScoreColumn column, double y)
    {
        (MethodArm Arm, double Mean)[] marks = [.. runs.Arms.Select(arm => (arm, Of(column, arm)))];
        string kind = column.IsMean ? "label strong" : "label";
        svg.Append(Invariant($"<text class=\"{kind}\" x=\"{Left - 10}\" y=\"{y + 4}\" text-anchor=\"end\">{HtmlPage.Escape(column.Name)}</text>"));
        svg.Append(Invariant($"<line class=\"span\" x1=\"{X(marks.Min(mark => mark.Mean)):0.#}\" y1=\"{y}\" "));
        svg.Append(Invariant($"x2=\"{X(marks.Max(mark => mark.Mean)):0.#}\" y2=\"{y}\"/>"));
        svg.Append(string.Concat(marks.Select(mark => ArmWords.Mark(mark.Arm, X(mark.Mean), y)))).Append('\n');
    }

    private double Of(ScoreColumn column, MethodArm arm) => column.Value(runs.Summary, arm).Mean;

    private double X(double value) => Left + (value / Largest * (Width - Left - Right));

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
