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
        List<(string File, CloudsException Failure)> damaged = [];
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
                damaged.Add((Path.GetFileName(path), e));
            }
        }

        throw damaged.Count > 0 ? None(folder, damaged) : new CloudsException(
            Failure.BadInput, "there is nothing to resume", folder.Path, "no checkpoint.safetensors", next: "start the run without TrainingOptions.Resume");
    }

    private static void Tell(RunFolder folder, string path, List<(string File, CloudsException Failure)> damaged, Action<string>? warn)
    {
        if (path == folder.Checkpoint)
        {
            return;
        }

        string reason = damaged.Count == 0 ? "there is no checkpoint.safetensors" : Reasons(damaged);
        warn?.Invoke($"the run goes on from {Path.GetFileName(path)}, an older checkpoint, because the newest cannot be used ({reason})");
    }

    private static CloudsException None(RunFolder folder, List<(string File, CloudsException Failure)> damaged) => damaged.Count == 1
        ? damaged[0].Failure
        : new CloudsException(Failure.Weights, "no checkpoint of the run is whole", folder.Path, Reasons(damaged),
            "one that is as it was written", "restore one from a copy, or start a new run", damaged[0].Failure);

    private static string Reasons(IEnumerable<(string File, CloudsException Failure)> damaged)
        => string.Join("; ", damaged.Select(one => $"{one.File}: {one.Failure.What}"));
}
