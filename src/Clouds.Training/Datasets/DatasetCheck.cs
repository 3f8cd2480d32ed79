using System.Diagnostics;
using Clouds.Diagnostics;

namespace Clouds.Training.Datasets;

/// <summary>Loads every sample of a data set once, several at a time, counts, and collects all problems instead of stopping at the first.</summary>
public static class DatasetCheck
{
    /// <summary>Checks any data set.</summary>
    /// <param name="set">The set; without labels only its images are looked at.</param>
    /// <param name="progress">Told after each sample, stage "check"; may be null.</param>
    /// <param name="cancellation">Stops between two samples.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static DatasetReport Run(IImageSet set, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default) =>
        Run(set, () => null, progress, cancellation);

    /// <summary>Checks a data set whose decoders are heard.</summary>
    /// <param name="set">The set.</param>
    /// <param name="complaint">What the decoder said on this thread since it was asked last; null: nothing.</param>
    /// <param name="progress">Told after each sample.</param>
    /// <param name="cancellation">Stops between two samples.</param>
    internal static DatasetReport Run(IImageSet set, Func<string?> complaint, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        SampleTally tally = new(set);
        long start = Stopwatch.GetTimestamp();
        IEnumerable<int> indices = Enumerable.Range(0, set.Count).TakeWhile(_ => !cancellation.IsCancellationRequested);
        foreach ((int done, CheckedSample sample) in SideBySide.Select(indices, index => CheckedSample.Of(set, index, complaint)).Index())
        {
            cancellation.ThrowIfCancellationRequested();
            tally.Add(sample);
            progress?.Report(new ProgressReport("check", done + 1, set.Count));
        }

        cancellation.ThrowIfCancellationRequested();
        return tally.Report(Stopwatch.GetElapsedTime(start));
    }
}
