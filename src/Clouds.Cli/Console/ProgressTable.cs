using System.Globalization;
using Clouds.Diagnostics;

namespace Clouds.Cli.Console;

/// <summary>Progress as a small table: the step, the stage and the whole run, each with the time that it takes; then the measures.</summary>
internal static class ProgressTable
{
    private const int Bar = 20;

    /// <summary>The table's lines; none where a report tells of no whole, for then one line says all.</summary>
    public static IReadOnlyList<string> Rows(ProgressReport report, Pace pace)
    {
        if (report.Whole is not ProgressReport whole || pace.Whole is not Pace wholePace)
        {
            return [];
        }

        string[][] rows =
        [
            ["", "done", "time", "to go"],
            ["step", $"{report.Done}", pace.Rate > 0 ? Seconds(1 / pace.Rate) : "", ""],
            [report.Stage, Share(report), ProgressClock.Duration(pace.Elapsed), ToGo(pace, "")],
            [whole.Stage, Share(whole), ProgressClock.Duration(wholePace.Elapsed), ToGo(wholePace, whole.Total > report.Total ? "about " : "")],
        ];
        int[] widths = [.. Enumerable.Range(0, 4).Select(column => rows.Max(row => row[column].Length))];
        return [.. rows.Select(row => Line(row, widths)), .. Measures(report, widths.Sum() + (2 * (widths.Length - 1)))];
    }

    private static string Line(string[] row, int[] widths) =>
        $"{row[0].PadRight(widths[0])}  {row[1].PadRight(widths[1])}  {row[2].PadLeft(widths[2])}  {row[3].PadLeft(widths[3])}".TrimEnd();

    // As many lines as they need at the table's width, so that none is cut.
    private static List<string> Measures(ProgressReport report, int width)
    {
        List<string> lines = [];
        foreach (string measure in ProgressClock.Metrics(report))
        {
            if (lines.Count > 0 && lines[^1].Length + measure.Length + 2 <= width)
            {
                lines[^1] += $"  {measure}";
            }
            else
            {
                lines.Add(measure);
            }
        }

        return lines;
    }

    private static string Share(ProgressReport report)
    {
        int filled = (int)Math.Clamp(Bar * report.Done / Math.Max(1, report.Total), 0, Bar);
        return $"[{new string('#', filled)}{new string('.', Bar - filled)}] {ProgressClock.Share(report)}";
    }

    private static string ToGo(Pace pace, string about) => pace.Remaining is TimeSpan rest ? $"{about}{ProgressClock.Duration(rest)}" : "";

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s");
}
