using System.Globalization;
using System.Text.Json.Nodes;
using Clouds.Cli.Commands;
using Clouds.Cli.Console;
using Clouds.Verification.Benchmarks;
using Clouds.Verification.Kernels;

namespace Clouds.Cli.Reports;

/// <summary>Rows of bench results, for the terminal, the page and scripts.</summary>
internal static class KernelTable
{
    /// <summary>Headings of <see cref="RoofRow"/>.</summary>
    public static IReadOnlyList<string> RoofColumns { get; } = ["threads", "read GB/s", "copy GB/s", "in-place update GB/s", "multiply-add Gflop/s"];

    /// <summary>Headings of a kernel's row.</summary>
    public static IReadOnlyList<string> Columns(bool baseline) =>
        ["kernel", "problem", "threads", "ms", "best ms", "GB/s", "Gop/s", "of the roof", "quiet", .. Baseline(baseline)];

    /// <summary>Headings of a kernel's row on a GPU.</summary>
    public static IReadOnlyList<string> GpuColumns(bool baseline) =>
        ["kernel", "problem", "ms", "best ms", "GB/s", "Gop/s", "of the roof", "throughput", .. Baseline(baseline)];

    /// <summary>Headings of <see cref="GpuRoofRow"/>.</summary>
    public static IReadOnlyList<string> GpuRoofColumns { get; } = ["GPU", "architecture", "copy GB/s", "in-place update GB/s"];

    /// <summary>Headings of <see cref="Row(CountedBytes)"/>.</summary>
    public static IReadOnlyList<string> CountedColumns { get; } =
        ["kernel", "problem", "least bytes", "asked for", "times", "memory", "times", "asked for a unit", "reason"];

    /// <summary>Headings of <see cref="BarRows"/>.</summary>
    public static IReadOnlyList<string> BarColumns { get; } = ["kernel", "figure", "found", "at most", ""];

    /// <summary>Headings of a map's row.</summary>
    public static IReadOnlyList<string> MapColumns(bool baseline) => ["map", "way", "components", "ms", "best ms", "Mpx/s", "quiet", .. Baseline(baseline)];

    public static IReadOnlyList<string> RoofRow(MachineRoof roof) =>
        [Text(roof.Threads), Number(roof.ReadGigabytes, 1), Number(roof.CopyGigabytes, 1), Number(roof.UpdateGigabytes, 1), Number(roof.Gigaflops, 0)];

    public static IReadOnlyList<string> Row(KernelRow row, IReadOnlyDictionary<string, BenchFigure>? baseline) =>
    [
        row.Kernel, row.Problem, Text(row.Threads), Number(row.MsMedian, 3), Number(row.MsMin, 3),
        Number(row.GigabytesPerSecond, 2), Number(row.GigaOperationsPerSecond, 2),
        $"{Number(100 * row.RoofShare, 0)} %", $"{row.Quiet}/{row.Runs}",
        .. Ratio(baseline, BenchComparison.Key(row.Kernel, row.Problem, row.Threads), row.MsMedian),
    ];

    public static IReadOnlyList<string> GpuRoofRow(GpuReport gpu) =>
        [gpu.Name, $"sm_{gpu.Architecture}", Number(gpu.CopyGigabytes, 1), Number(gpu.UpdateGigabytes, 1)];

    public static IReadOnlyList<string> Row(GpuRow row, string gpu, IReadOnlyDictionary<string, BenchFigure>? baseline) =>
    [
        row.Kernel, row.Problem, Number(row.MsMedian, 4), Number(row.MsMin, 4), Number(row.GigabytesPerSecond, 1),
        Number(row.GigaOperationsPerSecond, 1), $"{Number(100 * row.RoofShare, 0)} %",
        $"{Number(row.MegaunitsPerSecond, 1)} M{row.Unit}/s", .. Ratio(baseline, BenchComparison.Key(row.Kernel, row.Problem, gpu), row.MsMedian),
    ];

    public static IReadOnlyList<string> Row(CountedBytes row) =>
        [row.Kernel, row.Problem, Number(row.LeastBytes, 0), Number(row.Counted, 0), Number(row.Ratio, 2),
            Number(row.Memory, 0), Number(row.MemoryRatio, 2), $"{Number(row.BytesAUnit, 2)} a {row.Unit}", row.Reason ?? ""];

    /// <summary>Figures that have a limit of their own.</summary>
    public static IEnumerable<IReadOnlyList<string>> BarRows(IReadOnlyList<CountedBytes> rows)
        => rows.SelectMany(
            row => row.Bars.Select(bar => (string[])[row.Kernel, bar.What, Number(bar.Found, 2), Number(bar.Limit, 2), bar.Passed ? "ok" : "FAIL"]));

    /// <summary>Writes every table of a run.</summary>
    public static void Write(VerbContext context, KernelReport report, IReadOnlyDictionary<string, BenchFigure>? baseline)
    {
        if (report.Gpu is GpuReport gpu)
        {
            TextTable.Write(context.Console, GpuRoofColumns, [GpuRoofRow(gpu)]);
            context.Out.WriteLine();
            TextTable.Write(context.Console, GpuColumns(baseline is not null), gpu.Kernels.Select(row => Row(row, gpu.Name, baseline)));
        }
        else
        {
            TextTable.Write(context.Console, RoofColumns, report.Roofs.Select(RoofRow));
            context.Out.WriteLine();
            TextTable.Write(context.Console, Columns(baseline is not null), report.Kernels.Select(row => Row(row, baseline)));
        }

        if (report.Counted is IReadOnlyList<CountedBytes> counted)
        {
            context.Out.WriteLine();
            TextTable.Write(context.Console, [.. CountedColumns.SkipLast(1)], counted.Select(row => (string[])[.. Row(row).SkipLast(1)]));
            WriteReasons(context.Out, counted);
            context.Out.WriteLine();
            TextTable.Write(context.Console, BarColumns, BarRows(counted));
        }
    }

    /// <summary>Why kernels ask for more than 1.3 times the least, a line each.</summary>
    public static void WriteReasons(TextWriter writer, IEnumerable<CountedBytes> counted)
    {
        foreach (CountedBytes row in counted.Where(row => row.Reason is not null))
        {
            writer.WriteLine($"* {row.Kernel}: {row.Reason}");
        }
    }

    public static IReadOnlyList<string> Row(LabellingRow row, IReadOnlyDictionary<string, BenchFigure>? baseline) =>
    [
        row.Map, row.Peer, Text(row.Result), Number(1e3 * row.Time.Median, 3),
        Number(1e3 * row.Time.Least, 3), Number(row.Megapixels, 0), $"{row.Time.Quiet}/{row.Time.Runs}{(row.Time.Cut ? " cut" : "")}",
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
        ["cut"] = row.Time.Cut,
    }.ToJsonString();

    private static string[] Baseline(bool shown) => shown ? ["times the baseline's speed"] : [];

    private static string[] Ratio(IReadOnlyDictionary<string, BenchFigure>? baseline, string key, double ms) =>
        baseline is null ? [] : [baseline.TryGetValue(key, out BenchFigure? before) ? Number(before.Ms / ms, 2) : ""];

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(double value, int digits) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);
}
