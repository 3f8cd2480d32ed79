using Clouds.Graph.Building;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>
/// The checkpoints of a run: the newest under its fixed name, those before it under their steps, no more than are to be kept. At no moment is there less
/// than one whole file once the first is written.
/// </summary>
/// <param name="folder">Where they lie.</param>
/// <param name="settings">How many are kept, and what they carry.</param>
internal sealed class CheckpointRotation(RunFolder folder, TrainingSettings settings)
{
    // Steps of the file under the fixed name; null: none is there, or nothing that anybody could use.
    private long? _newest;

    /// <summary>Steps done in the state that is saved; null: there is none.</summary>
    public long? SavedStep { get; private set; }

    /// <summary>Goes on from the newest that is whole.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">As <see cref="Checkpoint.Restore"/>.</exception>
    public RunState Restore(ParameterArena arena, IReadOnlyCollection<Parameter> trained)
    {
        (RunState state, string path) = Checkpoint.Restore(folder, arena, trained, settings.Warn);
        SavedStep = state.Step;
        _newest = path == folder.Checkpoint ? state.Step : null;
        return state;
    }

    /// <summary>Writes the newest, on the rank that saves; the one before it is kept. Whatever fails, all that were there still are.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Output: the disk is full or the folder not writable.</exception>
    public void Save(ParameterArena arena, RunState state)
    {
        if (!settings.Ranks.Saves)
        {
            SavedStep = state.Step;
            return;
        }

        string? kept = settings.KeepCheckpoints > 1 && _newest is long newest && newest < state.Step ? folder.Kept(newest) : null;
        Checkpoint.Save(folder.Checkpoint, kept, arena, state, settings);
        SavedStep = _newest = state.Step;
        Prune(state.Step);
    }

    // What lies ahead of the newest is of a future that was given up.
    private void Prune(long newest)
    {
        IEnumerable<long> ahead = folder.KeptSteps.Where(step => step >= newest);
        foreach (long step in ahead.Concat(folder.KeptSteps.Where(step => step < newest).Skip(settings.KeepCheckpoints - 1)))
        {
            try
            {
                File.Delete(folder.Kept(step));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is tried again after the next checkpoint; a run does not end for a file too many.
            }
        }
    }
}
