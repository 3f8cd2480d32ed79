using Spectre.Console;

namespace Clouds.Cli.Console;

/// <summary>Tables for people: Spectre's on a terminal, aligned columns without frames or cut cells where output is piped
/// or a frame would not fit.</summary>
internal static class TextTable
{
    // A sentence in one cell must not push the next column of every row out of sight.
    private const int WidestColumn = 80;

    /// <summary>Writes a table.</summary>
    /// <param name="console">The verb's console.</param>
    /// <param name="columns">Headings.</param>
    /// <param name="rows">Cells as plain text, as many a row as there are columns.</param>
    public static void Write(IAnsiConsole console, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        List<IReadOnlyList<string>> all = [.. rows];
        if (!console.Profile.Out.IsTerminal)
        {
            WritePlain(console.Profile.Out.Writer, [columns, .. all]);
            return;
        }

        if (Framed(all, columns) > console.Profile.Width && Fits(console, columns, all))
        {
            WritePlain(console.Profile.Out.Writer, [columns, .. all], gap: " ");
            return;
        }

        Table table = new() { Border = TableBorder.Rounded };
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column, new Style(decoration: Decoration.Bold))));
        }

        foreach (IReadOnlyList<string> row in all)
        {
            table.AddRow(row.Select(cell => new Text(cell)));
        }

        console.Write(table);
    }

    /// <summary>Whether each row can be one line, without a frame; always so where there is no terminal.</summary>
    public static bool Fits(IAnsiConsole console, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
        => !console.Profile.Out.IsTerminal || Widths([columns, .. rows], WidestColumn).Sum() + columns.Count - 1 <= console.Profile.Width;

    private static void WritePlain(TextWriter writer, List<IReadOnlyList<string>> rows, string gap = "  ")
    {
        int[] widths = Widths(rows, WidestColumn);
        foreach (IReadOnlyList<string> row in rows)
        {
            writer.WriteLine(string.Join(gap, row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    // A frame takes three columns a cell, and one.
    private static int Framed(List<IReadOnlyList<string>> rows, IReadOnlyList<string> columns)
        => Widths([columns, .. rows], int.MaxValue).Sum() + (3 * columns.Count) + 1;

    private static int[] Widths(List<IReadOnlyList<string>> rows, int widest) =>
        [.. Enumerable.Range(0, rows[0].Count).Select(column => rows.Max(row => row[column].Length > widest ? 0 : row[column].Length))];
}
