using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>Holds the data of a resumed run against what its checkpoint says they were.</summary>
internal static class ChangedData
{
    /// <summary>Refuses data that have changed, naming the first difference.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="data">The data as they are.</param>
    /// <param name="accepted">Tell of it and go on.</param>
    /// <param name="warn">Told in a sentence; null: nobody.</param>
    /// <exception cref="CloudsException">BadInput: they have changed; Weights: the checkpoint cannot be read.</exception>
    public static void Refuse(RunFolder folder, TrainingData data, bool accepted, Action<string>? warn) =>
        Refuse(folder, [(data.Spec, data.Fingerprint)], text => [DataFingerprint.Read(text)], accepted, warn);

    /// <summary>The same where the data are several sets.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="sets">What each was opened from, and what it is; a set without a fingerprint is not looked at.</param>
    /// <param name="read">Reads the fingerprints in the checkpoint, in the same order.</param>
    /// <param name="accepted">Tell of it and go on.</param>
    /// <param name="warn">Told in a sentence; null: nobody.</param>
    /// <exception cref="CloudsException">BadInput: they have changed; Weights: the checkpoint cannot be read.</exception>
    public static void Refuse(RunFolder folder, IReadOnlyList<(string Spec, DataFingerprint? Now)> sets, Func<string, IReadOnlyList<DataFingerprint>> read,
        bool accepted, Action<string>? warn)
    {
        if (sets.All(set => set.Now is null))
        {
            return;
        }

        if (Before(folder, read) is not IReadOnlyList<DataFingerprint> before)
        {
            warn?.Invoke("the checkpoint does not say what its data were: whether they have changed is not checked");
            return;
        }

        foreach (((string spec, DataFingerprint? now), DataFingerprint then) in sets.Zip(before))
        {
            if (now is not null && DataDifference.First(then, now) is string difference)
            {
                Tell(spec, difference, accepted, warn);
            }
        }
    }

    private static void Tell(string spec, string difference, bool accepted, Action<string>? warn)
    {
        if (!accepted)
        {
            throw new CloudsException(Failure.BadInput, "the data have changed since the run was started", spec, difference, "the data as they were",
                "restore the data, start a new run, or accept the change (TrainingOptions.AcceptChangedData): "
                + "the weights will not be those of an uninterrupted run");
        }

        warn?.Invoke($"the run goes on with changed data: {difference}");
    }

    private static IReadOnlyList<DataFingerprint>? Before(RunFolder folder, Func<string, IReadOnlyList<DataFingerprint>> read)
    {
        try
        {
            return Checkpoint.DataOf(folder) is string text ? read(text) : null;
        }
        catch (JsonException e)
        {
            throw Checkpoint.Unreadable(folder.Checkpoint, e);
        }
    }
}
