using System.Globalization;
using System.Text.Json.Nodes;
using Clouds.Native.Benchmarks;

namespace Clouds.Cli.Reports;

/// <summary>Rows of bench results, for the terminal, the page and scripts.</summary>
internal static class KernelTable
{
    /// <summary>Headings of <see cref="RoofRow"/>.</summary>
    public static IReadOnlyList<string> RoofColumns { get; } = ["threads", "read GB/s", "copy GB/s", "in-place update GB/s", "multiply-add Gflop/s"];

    /// <summary>Headings of a kernel's row.</summary>
    public static IReadOnlyList<string> Columns(bool baseline) => ["kernel", "problem", "threads", "ms", "best ms", "GB/s", "Gop/s", "of the roof", "quiet", .. Baseline(baseline)];

    /// <summary>Headings of a map's row.</summary>
    public static IReadOnlyList<string> MapColumns(bool baseline) => ["map", "way", "components", "ms", "best ms", "Mpx/s", "quiet", .. Baseline(baseline)];

    public static IReadOnlyList<string> RoofRow(MachineRoof roof) =>
        [Text(roof.Threads), Number(roof.ReadGigabytes, 1), Number(roof.CopyGigabytes, 1), Number(roof.UpdateGigabytes, 1), Number(roof.Gigaflops, 0)];

    public static IReadOnlyList<string> Row(KernelRow row, IReadOnlyDictionary<string, double>? baseline) =>
    [
        row.Kernel, row.Problem, Text(row.Threads), Number(row.MsMedian, 3), Number(row.MsMin, 3), Number(row.GigabytesPerSecond, 2), Number(row.GigaOperationsPerSecond, 2),
        $"{Number(100 * row.RoofShare, 0)} %", $"{row.Quiet}/{row.Runs}", .. Ratio(baseline, BenchComparison.Key(row.Kernel, row.Problem, row.Threads), row.MsMedian),
    ];

    public static IReadOnlyList<string> Row(LabellingRow row, IReadOnlyDictionary<string, double>? baseline) =>
    [
        row.Map, row.Peer, Text(row.Result), Number(1e3 * row.Time.Median, 3), Number(1e3 * row.Time.Least, 3), Number(row.Megapixels, 0), $"{row.Time.Quiet}/{row.Time.Runs}",
        .. Ratio(baseline, $"{row.Map}, {row.Peer}", 1e3 * row.Time.Median),
    ];

    /// <summary>A map's row as other contenders write theirs.</summary>
    public static string JsonLine(LabellingRow row) => new JsonObject
    {
        ["map"] = row.Map,
        ["peer"] = row.Peer,
        ["result"] = row.Result,
        ["ms_median"] = Math.Round(1e3 * row.Time.Median, 4),
        ["ms_min"] = Math.Round(1e3 * row.Time.Least, 4),
        ["mpx_s"] = Math.Round(row.Megapixels, 1),
        ["mpx_s_best"] = Math.Round(row.MegapixelsBest, 1),
        ["runs"] = row.Time.Runs,
        ["quiet"] = row.Time.Quiet,
        ["inner"] = row.Time.Inner,
    }.ToJsonString();

    private static string[] Baseline(bool shown) => shown ? ["times the baseline's speed"] : [];

    private static string[] Ratio(IReadOnlyDictionary<string, double>? baseline, string key, double ms) =>
        baseline is null ? [] : [baseline.TryGetValue(key, out double before) ? Number(before / ms, 2) : ""];

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(double value, int digits) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);
}
