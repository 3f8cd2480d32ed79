using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Clouds.Runtime.Measures;

/// <summary>
/// What hosts can measure of one kind of work, under the meter <see cref="MeterName"/>: seconds by stage, images, steps. While nobody listens, nothing
/// is timed.
/// </summary>
/// <param name="work">What is done: "segment" or "train"; first part of the instruments' names.</param>
public sealed class StageMeter(string work)
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Clouds.Native";

    private static readonly Meter Instruments = new(MeterName);

    private readonly Histogram<double> _seconds = Instruments.CreateHistogram<double>($"clouds.{work}.duration", "s", "Seconds of a stage, by the tag stage.");
    private readonly Counter<long> _images = Instruments.CreateCounter<long>($"clouds.{work}.images", "{image}", "Images that are done.");
    private readonly Counter<long> _steps = Instruments.CreateCounter<long>($"clouds.{work}.steps", "{step}", "Steps that are done.");

    /// <summary>The beginning of a stage; 0 while nobody listens.</summary>
    public long Start() => _seconds.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>The end of a stage, and the beginning of the next one.</summary>
    /// <param name="stage">Its name.</param>
    /// <param name="start">Its beginning.</param>
    public long Stop(string stage, long start)
    {
        if (start == 0)
        {
            return 0;
        }

        _seconds.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, new KeyValuePair<string, object?>("stage", stage));
        return Stopwatch.GetTimestamp();
    }

    /// <summary>Counts images.</summary>
    public void AddImages(long count) => _images.Add(count);

    /// <summary>Counts a step.</summary>
    public void AddStep() => _steps.Add(1);
}
