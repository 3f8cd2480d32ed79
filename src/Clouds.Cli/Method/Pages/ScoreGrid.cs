using System.Text;
using Clouds.Cli.Reports;

namespace Clouds.Cli.Method.Pages;

/// <summary>A number in a table of scores.</summary>
/// <param name="Text">The number.</param>
/// <param name="Spread">What stands small below it; empty: nothing.</param>
/// <param name="Value">By which the best of a column is found; null: there is no number.</param>
internal sealed record GridCell(string Text, string Spread, double? Value)
{
    /// <summary>What the seeds have found.</summary>
    public static GridCell Of(Spread number) => new(ScoreText.Mean(number), ScoreText.Around(number), number.Mean);

    /// <summary>A number as the paper prints it.</summary>
    public static GridCell Of(double? printed) => printed is double number ? Of(new Spread([number])) : None;

    /// <summary>No number.</summary>
    public static GridCell None { get; } = new("-", "", null);
}

/// <summary>A row.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Story">Small below it.</param>
/// <param name="Cells">One a column.</param>
/// <param name="IsMarked">Whether it must not be overlooked.</param>
internal sealed record GridRow(string Name, string Story, IReadOnlyList<GridCell> Cells, bool IsMarked = false);

/// <summary>A table of scores whose columns stand in groups; means are set off, the first column stays when it is scrolled.</summary>
/// <param name="caption">What it shows.</param>
/// <param name="groups">Headings with the names of the columns below; a column whose name begins with a star is a mean.</param>
/// <param name="rows">The rows.</param>
internal sealed class ScoreGrid(string caption, IReadOnlyList<(string Name, IReadOnlyList<string> Columns)> groups, IReadOnlyList<GridRow> rows)
{
    private const char Mean = '*';

    private readonly string[] _columns = [.. groups.SelectMany(group => group.Columns)];

    /// <summary>Whether the best of each column is bold.</summary>
    public bool HasBest { get; init; } = true;

    /// <summary>Name of a column of means.</summary>
    public static string MeanOf(string name) => Mean + name;

    /// <summary>The table as markup.</summary>
    public string Draw()
    {
        StringBuilder html = new($"<div class=\"scroll\"><table class=\"grid\">\n<caption>{HtmlPage.Escape(caption)}</caption>\n<thead>\n<tr><td></td>");
        foreach ((string name, IReadOnlyList<string> columns) in groups)
        {
            html.Append($"<th class=\"group\" colspan=\"{columns.Count}\" scope=\"colgroup\">{HtmlPage.Escape(name)}</th>");
        }

        html.Append("</tr>\n<tr><td></td>");
        foreach ((string column, int place) in _columns.Select((column, place) => (column, place)))
        {
            html.Append($"<th{Class(place)} scope=\"col\">{HtmlPage.Escape(column.TrimStart(Mean))}</th>");
        }

        html.Append("</tr>\n</thead>\n<tbody>\n").Append(string.Concat(rows.Select(Row)));
        return html.Append("</tbody></table></div>\n").ToString();
    }

    private string Row(GridRow row) => $"<tr{(row.IsMarked ? " class=\"marked\"" : "")}><th scope=\"row\">{HtmlPage.Escape(row.Name)}"
        + $"{Small(row.Story)}</th>{string.Concat(row.Cells.Select(Cell))}</tr>\n";

    private string Cell(GridCell cell, int place)
    {
        double?[] others = [.. rows.Select(row => row.Cells[place].Value)];
        bool best = HasBest && cell.Value is not null && cell.Value == others.Max() && others.Min() < cell.Value;
        return $"<td{Class(place)}>{(best ? $"<b>{cell.Text}</b>" : cell.Text)}{Small(cell.Spread)}</td>";
    }

    private static string Small(string text) => text.Length == 0 ? "" : $"<small>{HtmlPage.Escape(text)}</small>";

    private string Class(int place) => _columns[place][0] == Mean ? " class=\"mean\"" : "";
}
