using System.Globalization;
using Clouds.Diagnostics;

namespace Clouds.Cli.Console;

/// <summary>What is known about the speed of a stage.</summary>
/// <param name="Elapsed">Since the stage began.</param>
/// <param name="Rate">Units a second, recent ones weighing most; 0 while unknown.</param>
/// <param name="Remaining">Expected time to the end; null while unknown.</param>
internal sealed record Pace(TimeSpan Elapsed, double Rate, TimeSpan? Remaining)
{
    /// <summary>The same of the whole that the stage is a part of; null where nobody tells it.</summary>
    public Pace? Whole { get; init; }
}

/// <summary>Measures the rate of a stage and guesses its end. A new stage starts anew.</summary>
internal sealed class ProgressClock(TimeProvider time)
{
    // Half of the weight lies on the last ten seconds: quick enough to follow a change, slow enough to stay readable.
    private const double HalfLifeSeconds = 10;

    private ProgressClock? _whole;
    private string? _stage;
    private long _start;
    private long _last;
    private long _lastDone;
    private double _rate;

    public Pace Measure(ProgressReport report)
    {
        long now = time.GetTimestamp();
        if (report.Stage != _stage || report.Done < _lastDone)
        {
            (_stage, _start, _last, _lastDone, _rate) = (report.Stage, now, now, report.Done, 0);
        }

        double seconds = time.GetElapsedTime(_last, now).TotalSeconds;
        if (seconds > 0 && report.Done > _lastDone)
        {
            double recent = (report.Done - _lastDone) / seconds;
            double keep = _rate == 0 ? 0 : Math.Pow(0.5, seconds / HalfLifeSeconds);
            _rate = (keep * _rate) + ((1 - keep) * recent);
            (_last, _lastDone) = (now, report.Done);
        }

        Pace? whole = report.Whole is null ? null : (_whole ??= new ProgressClock(time)).Measure(report.Whole);
        return new Pace(time.GetElapsedTime(_start, now), _rate, Remaining(report)) { Whole = whole };
    }

    /// <summary>One line for people: stage, share, rate, time to go, measures.</summary>
    public static string Describe(ProgressReport report, Pace pace)
    {
        List<string> parts = [$"{report.Stage} {Share(report)}"];
        if (pace.Rate > 0)
        {
            parts.Add(Speed(pace));
        }

        if (pace.Remaining is TimeSpan remaining && report.Done < report.Total)
        {
            parts.Add($"{Duration(remaining)} to go");
        }

        if (report.Whole is ProgressReport whole && whole.Total > report.Total && pace.Whole?.Remaining is TimeSpan rest)
        {
            parts.Add($"{whole.Stage} {Share(whole)}, about {Duration(rest)} to go");
        }

        parts.AddRange(Metrics(report));
        return string.Join(", ", parts);
    }

    /// <summary>What is done of all, for instance 50/100 (50 %).</summary>
    public static string Share(ProgressReport report) => report.Total > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{report.Done}/{report.Total} ({100.0 * report.Done / report.Total:0} %)")
        : report.Done.ToString(CultureInfo.InvariantCulture);

    /// <summary>Units a second, or seconds a unit.</summary>
    public static string Speed(Pace pace) => pace.Rate >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{pace.Rate:0.0}/s")
        : string.Create(CultureInfo.InvariantCulture, $"{1 / pace.Rate:0.0} s each");

    /// <summary>The latest measures, each with its name.</summary>
    public static IEnumerable<string> Metrics(ProgressReport report) => (report.Metrics ?? new Dictionary<string, double>())
        .Select(metric => string.Create(CultureInfo.InvariantCulture, $"{metric.Key} {metric.Value:G4}"));

    /// <summary>1:02:03, 2:03 or 3 s.</summary>
    public static string Duration(TimeSpan time) => time.TotalHours >= 1 ? $"{(long)time.TotalHours}:{time:mm\\:ss}"
        : time.TotalMinutes >= 1 ? time.ToString("m\\:ss", CultureInfo.InvariantCulture)
        : $"{Math.Ceiling(time.TotalSeconds)} s";

    private TimeSpan? Remaining(ProgressReport report)
    {
        double seconds = _rate > 0 && report.Total > 0 ? (report.Total - report.Done) / _rate : double.PositiveInfinity;
        return seconds < TimeSpan.FromDays(3650).TotalSeconds ? TimeSpan.FromSeconds(Math.Max(0, seconds)) : null;
    }
}
