using System.Diagnostics;
using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>Passes progress on and tells once, after the first steps, how long the run will take; nothing where that is less than a minute.</summary>
/// <param name="inner">Where progress goes; null: nowhere.</param>
/// <param name="warn">Told the sentence.</param>
internal sealed class TimeForecast(IProgress<ProgressReport>? inner, Action<string> warn) : IProgress<ProgressReport>
{
    // The first step lays memory out.
    private const int Measured = 3;

    private int _seen;
    private long _start;

    public void Report(ProgressReport value)
    {
        inner?.Report(value);
        if (value.Stage != Trainer.Stage)
        {
            return;
        }

        _seen++;
        if (_seen == 1)
        {
            _start = Stopwatch.GetTimestamp();
        }
        else if (_seen == 1 + Measured && Sentence(Stopwatch.GetElapsedTime(_start) / Measured, value.Total - value.Done) is string sentence)
        {
            warn(sentence);
        }
    }

    /// <summary>What the remaining steps will take; null where that is not worth a sentence.</summary>
    internal static string? Sentence(TimeSpan step, long steps)
    {
        TimeSpan left = step * steps;
        return left < TimeSpan.FromMinutes(1) ? null
            : string.Create(CultureInfo.InvariantCulture, $"a step takes {step.TotalSeconds:0.00} s: the remaining {steps} steps take about {Long(left)}");
    }

    private static string Long(TimeSpan time) => time.TotalDays >= 2 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0} days")
        : time.TotalHours >= 2 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0} hours")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} minutes");
}
