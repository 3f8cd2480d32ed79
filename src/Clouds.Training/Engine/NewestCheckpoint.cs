using Clouds.Diagnostics;
using Clouds.Graph.Weights;

namespace Clouds.Training.Engine;

/// <summary>
/// Finds the checkpoint that a run goes on from: the newest that is whole. What is damaged is passed over and told; what this program may not or cannot
/// read for another reason is not.
/// </summary>
internal static class NewestCheckpoint
{
    /// <summary>Opens it.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="warn">Told in a sentence where it is not the newest that there is; null: nobody.</param>
    /// <exception cref="CloudsException">BadInput: there is no checkpoint; Weights: none is whole, or the newest is of a newer version.</exception>
    public static WeightSource Open(RunFolder folder, Action<string>? warn = null)
    {
        List<CloudsException> damaged = [];
        foreach (string path in folder.Checkpoints)
        {
            try
            {
                WeightSource file = WeightSource.Open(path);
                Tell(folder, path, damaged, warn);
                return file;
            }
            catch (CloudsException e) when (e.Failure == Failure.Weights && e.InnerException is not UnauthorizedAccessException)
            {
                damaged.Add(e);
            }
        }

        throw damaged.Count > 0 ? None(folder, damaged) : new CloudsException(
            Failure.BadInput, "there is nothing to resume", folder.Path, "no checkpoint.safetensors", next: "start the run without TrainingOptions.Resume");
    }

    private static void Tell(RunFolder folder, string path, List<CloudsException> damaged, Action<string>? warn)
    {
        if (path == folder.Checkpoint)
        {
            return;
        }

        string reason = damaged.Count == 0 ? "there is no checkpoint.safetensors"
            : string.Join("; ", damaged.Select(failure => $"{Path.GetFileName(failure.Where)}: {failure.What}"));
        warn?.Invoke($"the run goes on from {Path.GetFileName(path)}, an older checkpoint, because the newest cannot be used ({reason})");
    }

    private static CloudsException None(RunFolder folder, List<CloudsException> damaged) => damaged.Count == 1 ? damaged[0] : new CloudsException(
        Failure.Weights, "no checkpoint of the run is whole", folder.Path, string.Join("; ", damaged.Select(failure => $"{failure.Where}: {failure.What}")),
        "one that is as it was written", "restore one from a copy, or start a new run", damaged[0]);
}
