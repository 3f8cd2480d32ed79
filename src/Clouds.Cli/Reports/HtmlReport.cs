using System.Net;
using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Native.Images;

namespace Clouds.Cli.Reports;

/// <summary>An image of a report.</summary>
/// <param name="Png">A whole PNG file.</param>
/// <param name="Caption">Below the image; also its text alternative.</param>
internal sealed record ReportImage(ReadOnlyMemory<byte> Png, string Caption);

/// <summary>
/// A page that stands alone: charts are inline SVG, images are embedded, nothing is fetched and no script runs. The
/// markup is valid as XML too.
/// </summary>
internal sealed class HtmlReport
{
    private const string Style = """
        :root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6570; --rule: #d6dbe1; --page: #ffffff; --even: #f5f7f9;
          --c0: #0b66c3; --c1: #c94f0a; --c2: #16803c; --c3: #b3246b; --c4: #6b48c8; --c5: #8a6a00; --c6: #007d8a; --c7: #6b7280; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6eaee; --soft: #9aa5b1; --rule: #3a424b; --page: #14181c; --even: #1c2126;
          --c0: #6cb2ff; --c1: #ff9d5c; --c2: #5fd38a; --c3: #ff86bd; --c4: #b79cff; --c5: #e0bf4a; --c6: #4fd0dd; --c7: #aab2bd; } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 960px; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; } h3 { font-size: 1rem; margin-bottom: 0.2rem; }
        table { border-collapse: collapse; margin: 0.8rem 0; } th, td { padding: 0.25rem 0.7rem; border-bottom: 1px solid var(--rule); text-align: left; }
        td.number { text-align: right; font-variant-numeric: tabular-nums; } tbody tr:nth-child(even) { background: var(--even); }
        .scroll { overflow-x: auto; } figure { margin: 0; } figcaption { color: var(--soft); font-size: 0.85rem; }
        .legend span { display: inline-block; margin-right: 1rem; }
        .legend i { display: inline-block; width: 0.9rem; height: 0.9rem; margin-right: 0.35rem; border: 1px solid var(--rule); vertical-align: -0.1rem; }
        .row { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 0.8rem; margin: 0.8rem 0; }
        .row img { width: 100%; height: auto; }
        svg { width: 100%; height: auto; } svg text { font: 11px system-ui, sans-serif; fill: var(--soft); } svg .label { fill: var(--ink); }
        .grid { stroke: var(--rule); stroke-width: 0.6; } .axis { stroke: var(--soft); fill: none; }
        .line { fill: none; stroke-width: 1.6; } .dashed { stroke-dasharray: 5 3; }
        """;

    private readonly string _title;
    private readonly StringBuilder _body = new();

    /// <summary>An empty page.</summary>
    /// <param name="title">Heading and window title.</param>
    public HtmlReport(string title) => _title = title;

    /// <summary>A section's heading.</summary>
    public HtmlReport AddHeading(string text) => Append($"<h2>{Escape(text)}</h2>\n");

    /// <summary>A paragraph.</summary>
    public HtmlReport AddText(string text) => Append($"<p>{Escape(text)}</p>\n");

    /// <summary>A table; cells that read as numbers are set to the right.</summary>
    /// <param name="columns">Headings.</param>
    /// <param name="rows">Cells, as many a row as there are columns.</param>
    public HtmlReport AddTable(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        Append("<div class=\"scroll\"><table>\n<thead><tr>");
        Append(string.Concat(columns.Select(column => $"<th>{Escape(column)}</th>")));
        Append("</tr></thead>\n<tbody>\n");
        foreach (IReadOnlyList<string> row in rows)
        {
            Append($"<tr>{string.Concat(row.Select(Cell))}</tr>\n");
        }

        return Append("</tbody></table></div>\n");
    }

    /// <summary>Names with their colours.</summary>
    public HtmlReport AddLegend(IReadOnlyList<(string Name, RgbColour Colour)> entries)
    {
        IEnumerable<string> spans = entries.Select(entry =>
            $"<span><i style=\"background: #{entry.Colour.R:x2}{entry.Colour.G:x2}{entry.Colour.B:x2}\"></i>{Escape(entry.Name)}</span>");
        return Append($"<p class=\"legend\">{string.Join(' ', spans)}</p>\n");
    }

    /// <summary>A line chart.</summary>
    public HtmlReport AddChart(Chart chart) => Append($"<h3>{Escape(chart.Title)}</h3>\n<figure>{SvgChart.Draw(chart)}</figure>\n");

    /// <summary>Images side by side.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.BadInput"/>: an image is not a PNG file.</exception>
    public HtmlReport AddImageRow(params IReadOnlyList<ReportImage> images)
    {
        Append("<div class=\"row\">\n");
        foreach (ReportImage image in images)
        {
            RequirePng(image);
            string caption = Escape(image.Caption);
            Append(
                $"<figure><img alt=\"{caption}\" src=\"data:image/png;base64,{Convert.ToBase64String(image.Png.Span)}\"/>"
                + $"<figcaption>{caption}</figcaption></figure>\n");
        }

        return Append("</div>\n");
    }

    /// <summary>The page as text.</summary>
    public string ToHtml()
    {
        string colours = string.Join(' ', Enumerable.Range(0, 8).Select(i => $".line.c{i} {{ stroke: var(--c{i}); }} .dot.c{i} {{ fill: var(--c{i}); }}"));
        return $"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
            + $"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
            + $"<title>{Escape(_title)}</title>\n<style>\n{Style}\n{colours}\n</style>\n</head>\n<body>\n<h1>{Escape(_title)}</h1>\n{_body}</body>\n</html>\n";
    }

    /// <summary>Writes the page; it appears whole or not at all.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Output"/>: the file cannot be written.</exception>
    public void Save(string path) => AtomicFile.WriteAllBytes(path, Encoding.UTF8.GetBytes(ToHtml()));

    private static string Cell(string text)
    {
        bool number = text.Length > 0 && text.Any(char.IsAsciiDigit)
            && text.All(c => char.IsAsciiDigit(c) || c is '.' or ',' or '-' or '+' or '%' or ' ' or '−' or '±');
        return number ? $"<td class=\"number\">{Escape(text)}</td>" : $"<td>{Escape(text)}</td>";
    }

    private static void RequirePng(ReportImage image)
    {
        if (image.Png.Span is not [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..])
        {
            throw new CloudsException(
                Failure.BadInput, "an image of a report is not a PNG file", image.Caption, $"{image.Png.Length} bytes of something else", "a PNG file");
        }
    }

    private HtmlReport Append(string html)
    {
        _body.Append(html);
        return this;
    }

    /// <summary>Text as part of a page. Control characters are legal in no XML at all and left out; everything else is escaped.</summary>
    internal static string Escape(string text) => WebUtility.HtmlEncode(string.Concat(text.Where(c => !char.IsControl(c) || c is '\n' or '\t')));
}
