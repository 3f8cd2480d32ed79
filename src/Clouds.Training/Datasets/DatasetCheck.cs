using Clouds.Diagnostics;
using Clouds.Native.Images;

namespace Clouds.Training.Datasets;

/// <summary>Loads every sample of a data set once, counts, and collects all problems instead of stopping at the first.</summary>
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
    /// <param name="complaint">What the decoder said of the sample that was loaded last; null: nothing.</param>
    /// <param name="progress">Told after each sample.</param>
    /// <param name="cancellation">Stops between two samples.</param>
    internal static DatasetReport Run(IImageSet set, Func<string?> complaint, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        SampleTally tally = new(set);
        for (int i = 0; i < set.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                Sample? sample = (set as IDataset)?.Load(i);
                tally.Add(set.SampleName(i), sample?.Image ?? set.LoadImage(i), sample?.Labels, complaint());
            }
            catch (CloudsException e)
            {
                _ = complaint();
                tally.Add(DatasetProblem.Of(set.SampleName(i), e));
            }

            progress?.Report(new ProgressReport("check", i + 1, set.Count));
        }

        return tally.Report();
    }
}
