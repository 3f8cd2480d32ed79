using System.Globalization;
using Clouds.Verification.Benchmarks;
using Clouds.Verification.Kernels;

namespace Clouds.Cli.Reports;

/// <summary>The page of `clouds bench kernels`: the roofline with every kernel on it, and the tables.</summary>
internal static class RooflinePage
{
    private const double LeastIntensity = -4;
    private const double MostIntensity = 12;

    /// <summary>Makes the page.</summary>
    /// <param name="report">A run.</param>
    /// <param name="baseline">Medians of an earlier run, or null.</param>
    public static HtmlReport Make(KernelReport report, IReadOnlyDictionary<string, BenchFigure>? baseline)
    {
        HtmlReport page = new HtmlReport("Kernels and the roofline")
            .AddText(string.Create(
                CultureInfo.InvariantCulture,
                $"{report.System}; {report.Processors} processors, {report.Simd}. "
                + $"Bytes are those that have to move at least, so a kernel above the memory line works in the cache."));
        foreach (MachineRoof roof in report.Roofs)
        {
            page.AddChart(Draw(roof, report.Kernels));
        }

        if (report.Gpu is GpuReport gpu)
        {
            page.AddChart(Draw(gpu))
                .AddHeading("What the GPU's memory gives").AddTable(KernelTable.GpuRoofColumns, [KernelTable.GpuRoofRow(gpu)])
                .AddHeading("CUDA kernels")
                .AddTable(KernelTable.GpuColumns(baseline is not null), gpu.Kernels.Select(row => KernelTable.Row(row, gpu.Name, baseline)));
        }
        else
        {
            page.AddHeading("What the machine gives").AddTable(KernelTable.RoofColumns, report.Roofs.Select(KernelTable.RoofRow))
                .AddHeading("Kernels").AddTable(KernelTable.Columns(baseline is not null), report.Kernels.Select(row => KernelTable.Row(row, baseline)));
        }

        return report.Counted is IReadOnlyList<CountedBytes> counted ? AddCounted(page, counted) : page;
    }

    private static HtmlReport AddCounted(HtmlReport page, IReadOnlyList<CountedBytes> counted) => page
        .AddHeading("Bytes, counted by the emulator")
        .AddText("32-byte sectors beside the least that has to move: what warps of the CUDA kernels ask for with nothing cached, and what "
            + "moves between memory and a second-level cache that is empty before each launch.")
        .AddTable(KernelTable.CountedColumns, counted.Select(KernelTable.Row))
        .AddTable(KernelTable.BarColumns, KernelTable.BarRows(counted));

    // Only the memory's slope is measured on a GPU.
    private static Chart Draw(GpuReport gpu)
    {
        ChartSeries line = new("memory", [.. new[] { LeastIntensity, MostIntensity }.Select(x => (x, gpu.Gigabytes * Math.Pow(2, x)))]);
        IEnumerable<ChartSeries> dots =
            gpu.Kernels.Select(row => new ChartSeries(row.Kernel, [(Math.Log2(row.Operations / row.Bytes), row.GigaOperationsPerSecond)]));
        return new Chart($"Roofline, {gpu.Name}", "operations a byte, power of two", "Gop/s", [line, .. dots], LogarithmicY: true);
    }

    // A kernel with several problems is followed by the problem, its size aside.
    private static string Name(KernelRow row, IReadOnlyList<KernelRow> rows)
        => rows.Select(other => (other.Kernel, other.Problem)).Distinct().Count(other => other.Kernel == row.Kernel) > 1
            ? $"{row.Kernel}, {string.Join(' ', row.Problem.Split(' ').SkipLast(1))}"
            : row.Kernel;

    private static Chart Draw(MachineRoof roof, IReadOnlyList<KernelRow> rows)
    {
        // The knee is where memory and arithmetic allow the same.
        double knee = Math.Clamp(Math.Log2(roof.Gigaflops / roof.Gigabytes), LeastIntensity, MostIntensity);
        ChartSeries line =
            new("roof", [.. new[] { LeastIntensity, knee, MostIntensity }.Select(x => (x, Math.Min(roof.Gigaflops, roof.Gigabytes * Math.Pow(2, x))))]);
        IEnumerable<ChartSeries> dots = rows.Where(row => row.Threads == roof.Threads)
            .Select(row => new ChartSeries(Name(row, rows), [(Math.Log2(row.Operations / row.Bytes), row.GigaOperationsPerSecond)]));
        return new Chart($"Roofline, {roof.Threads} thread{(roof.Threads == 1 ? "" : "s")}",
            "operations a byte, power of two", "Gop/s", [line, .. dots], LogarithmicY: true);
    }
}
