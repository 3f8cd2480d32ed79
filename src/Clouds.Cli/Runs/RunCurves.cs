using Clouds.Cli.Reports;
using Clouds.Training.Engine;

namespace Clouds.Cli.Runs;

/// <summary>What curves are drawn from.</summary>
/// <param name="Run">Name of the run.</param>
/// <param name="Steps">Its steps.</param>
/// <param name="Batch">Images a step; null: nobody says.</param>
internal sealed record CurveSource(string Run, IReadOnlyList<HistoryLine> Steps, long? Batch);

/// <summary>The curves of one stage, of one run or of several laid over each other.</summary>
/// <param name="runs">The stage in each run; where there is one run only, its name is not told.</param>
internal sealed class RunCurves(IReadOnlyList<CurveSource> runs)
{
    // More than a screen shows only makes the page heavy.
    private const int MostPoints = 240;

    private const double Giga = 1 << 30;

    /// <summary>Those for which there are numbers.</summary>
    public IEnumerable<Chart> All =>
    [
        .. Losses,
        .. Optional(Rates),
        .. Optional(new Chart("Norm of the gradient, before clipping", "steps", "norm",
            [.. runs.Select(run => Curve(run, "gradient", line => line.GradientNorm))], LogarithmicY: true)),
        .. Optional(new Chart("Throughput", "steps", runs.All(run => run.Batch is not null) ? "images/s" : "steps/s", [.. runs.Select(Throughput)])),
        .. Optional(new Chart("Waiting for data", "steps", "% of the step",
            [.. runs.Where(run => run.Steps.Any(line => line.DataSeconds > 0))
                .Select(run => Curve(run, "data", line => 100 * line.DataSeconds / line.Seconds))])),
        .. Optional(new Chart("Memory in use", "steps", "GiB", [.. runs.Select(run => Curve(run, "memory", line => line.Memory / Giga ?? double.NaN))])),
    ];

    /// <summary>The loss and its parts.</summary>
    public IEnumerable<Chart> Losses =>
    [
        .. Optional(new Chart($"Loss{Smoothed}", "steps", "loss", [.. runs.Select(run => Curve(run, "total", line => line.Loss))], LogarithmicY: true)),
        .. Parts.SelectMany(Optional),
    ];

    private string Smoothed => Stride(runs.Max(run => run.Steps.Count)) is int stride and > 1 ? $", mean of {stride} steps" : "";

    private Chart Rates => new("Learning rate", "steps", "rate", [.. runs.Select(run => Curve(run, "learning rate", line => line.LearningRate))]);

    // One run's parts share a chart; those of several runs would not be told apart there.
    private IEnumerable<Chart> Parts
    {
        get
        {
            string[] measures = [.. runs.SelectMany(run => run.Steps.Take(1)).SelectMany(line => line.Measures.Keys).Distinct()];
            return runs.Count == 1
                ? [new Chart("Parts of the loss", "steps", "loss", [.. measures.Select(key => Measure(runs[0], key) with { Name = key })], LogarithmicY: true)]
                : measures.Select(key => new Chart(key, "steps", key, [.. runs.Select(run => Measure(run, key))], LogarithmicY: true));
        }
    }

    private ChartSeries Measure(CurveSource run, string key) =>
        Curve(run, key, line => line.Measures.TryGetValue(key, out double value) ? value : double.NaN);

    private ChartSeries Throughput(CurveSource run) => new(
        NameOf(run, "throughput"),
        [.. run.Steps.Chunk(Stride(run.Steps.Count))
            .Select(lines => ((double)lines[^1].Step + 1, (run.Batch ?? 1) * lines.Length / lines.Sum(line => line.Seconds)))]);

    private ChartSeries Curve(CurveSource run, string name, Func<HistoryLine, double> value) => new(
        NameOf(run, name),
        [.. run.Steps.Chunk(Stride(run.Steps.Count)).Select(lines => ((double)lines[^1].Step + 1, Mean(lines.Select(value))))]);

    private string NameOf(CurveSource run, string name) => runs.Count == 1 ? name : run.Run;

    private static int Stride(int steps) => Math.Max(1, (steps + MostPoints - 1) / MostPoints);

    private static double Mean(IEnumerable<double> values) => values.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();

    private static IEnumerable<Chart> Optional(Chart chart) => chart.Series.Any(series => series.Points.Any(point => double.IsFinite(point.Y))) ? [chart] : [];
}
