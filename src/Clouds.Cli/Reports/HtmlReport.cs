using System.Globalization;
using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Native.Images;
using Clouds.Training.Evaluation;

namespace Clouds.Cli.Reports;

/// <summary>An image of a report.</summary>
/// <param name="File">A whole PNG or JPEG file.</param>
/// <param name="Caption">Below the image; also its text alternative.</param>
internal sealed record ReportImage(ReadOnlyMemory<byte> File, string Caption);

/// <summary>A page of headings, tables, charts and images, in the order in which they are added.</summary>
internal sealed class HtmlReport
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 960px; margin: 2rem auto; padding: 0 1rem;
          overflow-wrap: anywhere; }
        h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; } h3 { font-size: 1rem; margin-bottom: 0.2rem; }
        table { border-collapse: collapse; margin: 0.8rem 0; overflow-wrap: normal; }
        th, td { padding: 0.25rem 0.7rem; border-bottom: 1px solid var(--rule); text-align: left; }
        td.number { text-align: right; font-variant-numeric: tabular-nums; } tbody tr:nth-child(even) { background: var(--even); }
        tbody tr.marked td { color: var(--mark); font-weight: 600; } .note { border-left: 3px solid var(--mark); padding-left: 0.7rem; }
        pre { background: var(--even); padding: 0.6rem; white-space: pre-wrap; } summary { cursor: pointer; padding: 0.3rem 0; }
        .scroll { overflow-x: auto; } figure { margin: 0; } figcaption { color: var(--soft); font-size: 0.85rem; }
        .legend span { display: inline-block; margin-right: 1rem; }
        .legend i { display: inline-block; width: 0.9rem; height: 0.9rem; margin-right: 0.35rem; border: 1px solid var(--rule); vertical-align: -0.1rem; }
        .row { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 0.8rem; margin: 0.8rem 0; }
        .row img { width: 100%; height: auto; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 0 1.2rem; }
        svg { width: 100%; height: auto; } svg text { font: 11px system-ui, sans-serif; fill: var(--soft); } svg .label { fill: var(--ink); }
        .grid { stroke: var(--rule); stroke-width: 0.6; } .axis { stroke: var(--soft); fill: none; }
        .line { fill: none; stroke-width: 1.6; } .dashed { stroke-dasharray: 5 3; } svg.small text { font-size: 12px; }
        @media (max-width: 600px) { body { margin: 1rem auto; } svg.small text { font-size: 16px; } th, td { padding: 0.25rem 0.4rem; } }
        .bars { max-width: 640px; } .bars div { position: relative; margin: 0.2rem 0; font-size: 0.85rem; }
        .bars b { float: right; font-variant-numeric: tabular-nums; } .bars i { display: block; height: 0.55rem; border-radius: 2px; }
        .bars .others { background: var(--c7); } .bars .ours { background: var(--c0); } .bars .here { background: var(--c1); }
        """;

    private readonly string _title;
    private readonly string _style;
    private readonly StringBuilder _body = new();

    /// <summary>An empty page.</summary>
    /// <param name="title">Heading and window title.</param>
    /// <param name="style">What this kind of page adds to the style sheet.</param>
    public HtmlReport(string title, string style = "") => (_title, _style) = (title, style);

    /// <summary>A section's heading.</summary>
    public HtmlReport AddHeading(string text) => Append($"<h2>{Escape(text)}</h2>\n");

    /// <summary>A section's heading that links lead to.</summary>
    /// <param name="id">Its name in links, a word.</param>
    /// <param name="text">The heading.</param>
    public HtmlReport AddSection(string id, string text) => Append($"<h2 id=\"{id}\">{Escape(text)}</h2>\n");

    /// <summary>Markup, as well formed as XML and with all foreign text in it escaped.</summary>
    public HtmlReport AddMarkup(string markup) => Append(markup);

    /// <summary>A heading below a section's.</summary>
    public HtmlReport AddSmallHeading(string text) => Append($"<h3>{Escape(text)}</h3>\n");

    /// <summary>Numbers from 0 to 100 as bars, each with its name above it, so that a narrow screen has room for both.</summary>
    public HtmlReport AddBars(IReadOnlyList<ReportBar> bars)
    {
        Append("<div class=\"bars\">\n");
        foreach (ReportBar bar in bars)
        {
            string number = bar.Value?.ToString("0.0", CultureInfo.InvariantCulture) ?? "-";
            string width = Math.Clamp(bar.Value ?? 0, 0, 100).ToString("0.##", CultureInfo.InvariantCulture);
            Append($"<div><b>{number}</b>{Escape(bar.Name)}<i class=\"{bar.Kind.ToString().ToLowerInvariant()}\" style=\"width: {width}%\"></i></div>\n");
        }

        return Append("</div>\n");
    }

    /// <summary>A paragraph.</summary>
    public HtmlReport AddText(string text) => Append($"<p>{Escape(text)}</p>\n");

    /// <summary>A paragraph that must not be overlooked.</summary>
    public HtmlReport AddNote(string text) => Append($"<p class=\"note\">{Escape(text)}</p>\n");

    /// <summary>Text as it is typed, for instance a command.</summary>
    public HtmlReport AddCode(string text) => Append($"<pre>{Escape(text)}</pre>\n");

    /// <summary>Something that opens when its summary is touched.</summary>
    /// <param name="summary">What stands there before.</param>
    /// <param name="add">Adds what is inside.</param>
    public HtmlReport AddFolded(string summary, Action<HtmlReport> add)
    {
        Append($"<details><summary>{Escape(summary)}</summary>\n");
        add(this);
        return Append("</details>\n");
    }

    /// <summary>A table; cells that read as numbers are set to the right.</summary>
    /// <param name="columns">Headings.</param>
    /// <param name="rows">Cells, as many a row as there are columns.</param>
    /// <param name="marked">Rows that stand out; null: none.</param>
    public HtmlReport AddTable(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows, Func<IReadOnlyList<string>, bool>? marked = null)
    {
        Append("<div class=\"scroll\"><table>\n<thead><tr>");
        Append(string.Concat(columns.Select(column => $"<th>{Escape(column)}</th>")));
        Append("</tr></thead>\n<tbody>\n");
        foreach (IReadOnlyList<string> row in rows)
        {
            Append($"<tr{(marked?.Invoke(row) == true ? " class=\"marked\"" : "")}>{string.Concat(row.Select(Cell))}</tr>\n");
        }

        return Append("</tbody></table></div>\n");
    }

    /// <summary>Names with their colours.</summary>
    public HtmlReport AddLegend(IReadOnlyList<(string Name, RgbColour Colour)> entries)
    {
        IEnumerable<string> spans = entries.Select(entry =>
            $"<span><i style=\"background: {HtmlPage.Colour(entry.Colour)}\"></i>{Escape(entry.Name)}</span>");
        return Append($"<p class=\"legend\">{string.Join(' ', spans)}</p>\n");
    }

    /// <summary>A line chart.</summary>
    public HtmlReport AddChart(Chart chart) => Append(Figure(chart));

    /// <summary>Small charts, two beside each other where there is room.</summary>
    public HtmlReport AddCharts(IEnumerable<Chart> charts) => Append(
        $"<div class=\"charts\">\n{string.Concat(charts.Select(chart => $"<div>{Figure(chart with { Small = true })}</div>\n"))}</div>\n");

    /// <summary>A confusion matrix as a picture.</summary>
    public HtmlReport AddConfusions(ConfusionMatrix matrix) => Append(
        $"<h3>How the pixels of each class (row) were answered, percent</h3>\n<div class=\"scroll\"><figure style=\"min-width: 36rem\">"
        + $"{ConfusionChart.Draw(matrix)}</figure></div>\n");

    /// <summary>Images side by side.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.BadInput"/>: an image is neither a PNG nor a JPEG file.</exception>
    public HtmlReport AddImageRow(params IReadOnlyList<ReportImage> images)
    {
        Append("<div class=\"row\">\n");
        foreach (ReportImage image in images)
        {
            RequirePicture(image);
            string caption = Escape(image.Caption);
            Append(
                $"<figure><img alt=\"{caption}\" src=\"{HtmlPage.Source(image.File.Span)}\"/>"
                + $"<figcaption>{caption}</figcaption></figure>\n");
        }

        return Append("</div>\n");
    }

    /// <summary>Many small pictures.</summary>
    public HtmlReport AddGallery(IReadOnlyList<GalleryPicture> pictures) => Append(Gallery.Draw(pictures));

    /// <summary>Links on one line; null: no link, this page.</summary>
    public HtmlReport AddLinks(IReadOnlyList<(string Text, string? Page)> links) => Append($"<p>{string.Join(' ', links.Select(link =>
        link.Page is null ? $"<b>{Escape(link.Text)}</b>" : $"<a href=\"{Escape(link.Page)}\">{Escape(link.Text)}</a>"))}</p>\n");

    /// <summary>The page as text.</summary>
    public string ToHtml()
    {
        string colours = string.Join(' ', Enumerable.Range(0, 8).Select(i => $".line.c{i} {{ stroke: var(--c{i}); }} .dot.c{i} {{ fill: var(--c{i}); }}"));
        return $"{HtmlPage.Head(_title, $"{Style}\n{Gallery.Style}\n{colours}\n{_style}")}<h1>{Escape(_title)}</h1>\n{_body}</body>\n</html>\n";
    }

    /// <summary>Writes the page; it appears whole or not at all.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Output"/>: the file cannot be written.</exception>
    public void Save(string path) => AtomicFile.WriteAllBytes(path, Encoding.UTF8.GetBytes(ToHtml()));

    private static string Figure(Chart chart) => $"<h3>{Escape(chart.Title)}</h3>\n<figure>{SvgChart.Draw(chart)}</figure>\n";

    private static string Cell(string text)
    {
        bool number = text.Length > 0 && text.Any(char.IsAsciiDigit)
            && text.All(c => char.IsAsciiDigit(c) || c is '.' or ',' or '-' or '+' or '%' or ' ' or '−' or '±');
        return number ? $"<td class=\"number\">{Escape(text)}</td>" : $"<td>{Escape(text)}</td>";
    }

    private static void RequirePicture(ReportImage image)
    {
        if (HtmlPage.MediaType(image.File.Span) is null)
        {
            throw new CloudsException(Failure.BadInput, "an image of a report is neither a PNG nor a JPEG file", image.Caption,
                $"{image.File.Length} bytes of something else", "a PNG or JPEG file");
        }
    }

    private HtmlReport Append(string html)
    {
        _body.Append(html);
        return this;
    }

    private static string Escape(string text) => HtmlPage.Escape(text);
}
