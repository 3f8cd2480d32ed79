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
    public static void Refuse(RunFolder folder, TrainingData data, bool accepted, Action<string>? warn)
    {
        if (data.Fingerprint is null)
        {
            return;
        }

        if (Before(folder) is not DataFingerprint before)
        {
            warn?.Invoke("the checkpoint does not say what its data were: whether they have changed is not checked");
            return;
        }

        if (DataDifference.First(before, data.Fingerprint) is not string difference)
        {
            return;
        }

        if (!accepted)
        {
            throw new CloudsException(Failure.BadInput, "the data have changed since the run was started", data.Spec, difference, "the data as they were",
                "restore the data, start a new run, or accept the change (TrainingOptions.AcceptChangedData): "
                + "the weights will not be those of an uninterrupted run");
        }

        warn?.Invoke($"the run goes on with changed data: {difference}");
    }

    private static DataFingerprint? Before(RunFolder folder)
    {
        try
        {
            return Checkpoint.DataOf(folder) is string text ? DataFingerprint.Read(text) : null;
        }
        catch (JsonException e)
        {
            throw Checkpoint.Unreadable(folder.Checkpoint, e);
        }
    }
}
