using System.Globalization;
using System.Text;

namespace Clouds.Cli.Reports;

/// <summary>Draws a chart as inline SVG. Colours come from the page's style sheet, so light and dark pages both work.</summary>
internal sealed class SvgChart
{
    private const double Left = 64;
    private const double Right = 16;
    private const double Top = 26;
    private const double Bottom = 44;
    private const double LegendRow = 18;
    private const double NarrowestColumn = 168;
    private const double LegendMark = 40;
    private const double WidestLetter = 7;
    private const double WidestLetterOnAPhone = 10;
    private const int LongestNameOnAPhone = 36;

    // As many colours as the style sheet defines; further lines repeat them with dashes, and dots have numbers then.
    private const int Colours = 8;

    private readonly Chart _chart;
    private readonly double _width;
    private readonly double _height;
    private readonly (double Low, double High) _x;
    private readonly (double Low, double High) _y;

    private SvgChart(Chart chart)
    {
        _chart = chart;
        (_width, _height) = chart.Small ? (480, 264) : (720, 300);
        List<(double X, double Y)> shown = [.. chart.Series.SelectMany(series => series.Points)
            .Select(point => (point.X, Scale(point.Y))).Where(point => double.IsFinite(point.X) && double.IsFinite(point.Item2))];
        _x = Extent(shown.Select(point => point.X), padded: false);
        _y = Extent(shown.Select(point => point.Y), padded: true);
    }

    /// <summary>The chart as an svg element with a text alternative.</summary>
    public static string Draw(Chart chart) => new SvgChart(chart).Draw();

    private string Draw()
    {
        double letter = _chart.Small ? WidestLetterOnAPhone : WidestLetter;
        double column =
            Math.Max(NarrowestColumn, LegendMark + (letter * _chart.Series.Select((series, i) => Label(series, i).Length).DefaultIfEmpty().Max()));
        int columns = Math.Max(1, (int)((_width - Left - Right) / column));
        double legend = (LegendRow * ((_chart.Series.Count + columns - 1) / columns)) + (_chart.Small ? 6 : 0);
        StringBuilder svg = new();
        svg.Append(Invariant($"<svg{(_chart.Small ? " class=\"small\"" : "")} viewBox=\"0 0 {_width} {_height + legend}\" role=\"img\""));
        svg.Append($" aria-label=\"{Escape(_chart.Title)}\" xmlns=\"http://www.w3.org/2000/svg\">\n");
        svg.Append(Invariant($"<title>{Escape(_chart.Title)}</title>\n"));
        AppendAxes(svg);
        for (int i = 0; i < _chart.Series.Count; i++)
        {
            AppendLine(svg, _chart.Series[i], i);
            AppendLegend(svg, _chart.Series[i], i, (i % columns * column, i / columns * LegendRow));
        }

        return svg.Append("</svg>\n").ToString();
    }

    private void AppendAxes(StringBuilder svg)
    {
        foreach (double tick in AxisTicks.Linear(_x.Low, _x.High, _chart.Small ? 5 : 8))
        {
            svg.Append(Invariant($"<line class=\"grid\" x1=\"{X(tick)}\" y1=\"{Top}\" x2=\"{X(tick)}\" y2=\"{_height - Bottom}\"/>\n"));
            svg.Append(Invariant($"<text x=\"{X(tick)}\" y=\"{_height - Bottom + 16}\" text-anchor=\"middle\">{Number(tick)}</text>\n"));
        }

        foreach (double tick in _chart.LogarithmicY ? AxisTicks.Powers(_y.Low, _y.High) : AxisTicks.Linear(_y.Low, _y.High, 5))
        {
            svg.Append(Invariant($"<line class=\"grid\" x1=\"{Left}\" y1=\"{Y(tick)}\" x2=\"{_width - Right}\" y2=\"{Y(tick)}\"/>\n"));
            svg.Append(Invariant(
                $"<text x=\"{Left - 6}\" y=\"{Y(tick) + 4}\" text-anchor=\"end\">{Number(_chart.LogarithmicY ? Math.Pow(10, tick) : tick)}</text>\n"));
        }

        svg.Append(Invariant($"<path class=\"axis\" d=\"M{Left} {Top}V{_height - Bottom}H{_width - Right}\"/>\n"));
        svg.Append(Invariant($"<text class=\"label\" x=\"{Left - 56}\" y=\"{Top - 10}\">{Escape(_chart.YLabel)}</text>\n"));
        svg.Append(Invariant(
            $"<text class=\"label\" x=\"{(Left + _width - Right) / 2}\" y=\"{_height - 8}\" text-anchor=\"middle\">{Escape(_chart.XLabel)}</text>\n"));
    }

    private void AppendLine(StringBuilder svg, ChartSeries series, int index)
    {
        StringBuilder path = new();
        bool pen = false;
        foreach ((double x, double y) in series.Points)
        {
            double scaled = Scale(y);
            bool drawn = double.IsFinite(x) && double.IsFinite(scaled);
            if (drawn)
            {
                path.Append(Invariant($"{(pen ? 'L' : 'M')}{X(x):0.##} {Y(scaled):0.##}"));
            }

            pen = drawn;
        }

        svg.Append(Invariant($"<path class=\"line c{index % Colours}{Dashes(index)}\" d=\"{path}\"/>\n"));
        AppendLonePoints(svg, series, index);
    }

    // A path of one point draws nothing, so a series that has a single value gets a dot.
    private void AppendLonePoints(StringBuilder svg, ChartSeries series, int index)
    {
        if (LonePoint(series) is (double x, double y))
        {
            svg.Append(Invariant($"<circle class=\"dot c{index % Colours}\" cx=\"{X(x):0.##}\" cy=\"{Y(Scale(y)):0.##}\" r=\"3\"/>\n"));
            svg.Append(_chart.Series.Count > Colours ? Invariant($"<text x=\"{X(x) + 5:0.##}\" y=\"{Y(Scale(y)) - 3:0.##}\">{index}</text>\n") : "");
        }
    }

    private (double X, double Y)? LonePoint(ChartSeries series)
    {
        List<(double X, double Y)> finite = [.. series.Points.Where(point => double.IsFinite(point.X) && double.IsFinite(Scale(point.Y)))];
        return finite is [(double x, double y)] ? (x, y) : null;
    }

    private string Label(ChartSeries series, int index)
        => _chart.Series.Count > Colours && LonePoint(series) is not null ? Invariant($"{index} {series.Name}")
        : _chart.Small && series.Name.Length > LongestNameOnAPhone ? $"{series.Name[..(LongestNameOnAPhone - 1)]}…"
        : series.Name;

    private void AppendLegend(StringBuilder svg, ChartSeries series, int index, (double X, double Y) place)
    {
        (double x, double y) = (Left + place.X, _height + place.Y + (_chart.Small ? 14 : 8));
        svg.Append(LonePoint(series) is null
            ? Invariant($"<line class=\"line c{index % Colours}{Dashes(index)}\" x1=\"{x}\" y1=\"{y - 4}\" x2=\"{x + 20}\" y2=\"{y - 4}\"/>\n")
            : Invariant($"<circle class=\"dot c{index % Colours}\" cx=\"{x + 10}\" cy=\"{y - 4}\" r=\"3\"/>\n"));
        svg.Append(Invariant($"<text x=\"{x + 26}\" y=\"{y}\">{Escape(Label(series, index))}</text>\n"));
    }

    private static string Dashes(int index) => index < Colours ? "" : " dashed";

    private double Scale(double y) => !_chart.LogarithmicY ? y : y > 0 ? Math.Log10(y) : double.NaN;

    private double X(double x) => Left + ((x - _x.Low) / (_x.High - _x.Low) * (_width - Left - Right));

    private double Y(double y) => _height - Bottom - ((y - _y.Low) / (_y.High - _y.Low) * (_height - Top - Bottom));

    private static (double Low, double High) Extent(IEnumerable<double> values, bool padded)
    {
        List<double> all = [.. values];
        if (all.Count == 0)
        {
            return (0, 1);
        }

        (double low, double high) = (all.Min(), all.Max());
        double margin = high > low ? (padded ? 0.05 * (high - low) : 0) : Math.Max(0.5 * Math.Abs(low), 0.5);
        return (low - margin, high + margin);
    }

    private static string Number(double value) => Math.Abs(value) is >= 1e6 or (> 0 and < 1e-3)
        ? value.ToString("0.##e0", CultureInfo.InvariantCulture)
        : value.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static string Escape(string text) => HtmlPage.Escape(text);
}
