using System.Diagnostics;
using Clouds.Diagnostics;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Native;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>
/// Carries out a training. A run is a folder; it can be stopped at any moment, killed even, and resumed with the bits it would have had
/// uninterrupted on as many threads (platform.md section 3 says where another number gives other bits).
/// </summary>
public sealed class Trainer : IDisposable
{
    /// <summary>The stage of the reports that tell of steps; a validation reports others.</summary>
    public const string Stage = "train";

    private readonly TrainingSettings _settings;
    private readonly RunFolder _folder;
    private readonly FolderLock? _lock;
    private readonly TrainingStep _step;
    private readonly Device _device;
    private readonly CheckpointRotation _checkpoints;
    private RunState _state;
    private ValidationLine? _lastValidation;
    private bool _saving;

    /// <summary>Makes the folder, builds the graphs and opens their sessions.</summary>
    /// <param name="training">The graph and the source of batches.</param>
    /// <param name="settings">Steps, optimiser, seed.</param>
    /// <param name="folder">Where checkpoints and history go.</param>
    /// <param name="device">Where graphs run; borrowed.</param>
    /// <param name="sessions">Threads.</param>
    /// <exception cref="CloudsException">
    /// Output: the folder cannot be made; Usage: another process trains in it; Device: it fails; Weights: a stage's file does not fit.
    /// </exception>
    public Trainer(ITraining training, TrainingSettings settings, RunFolder folder, Device device, SessionSettings sessions)
    {
        (_settings, _folder, _device) = (settings, folder, device);
        _lock = settings.Ranks.IsFirst ? folder.Take() : null;
        try
        {
            _step = new TrainingStep(training, settings, device, sessions);
        }
        catch
        {
            _lock?.Dispose();
            throw;
        }

        _checkpoints = new CheckpointRotation(folder, settings);
        _state = new RunState(Step: 0, SkippedInARow: 0, Skipped: 0).In(settings.Precision);
        if (settings.Precision == TrainingPrecision.Mixed && device.TensorGpu is null && settings.Ranks.IsFirst)
        {
            settings.Warn?.Invoke(
                "mixed precision takes longer on a processor, which computes most products in single precision all the same; it is meant for a GPU");
        }
    }

    /// <summary>The parameters; on the host as they were at the last save, borrowed until the trainer is disposed.</summary>
    public ParameterArena Arena => _step.Arena;

    /// <summary>Steps done in the state that is saved; null: there is none.</summary>
    public long? SavedStep => _checkpoints.SavedStep;

    /// <summary>Whether the run ended because it, or another of its processes, was told to.</summary>
    public bool WasStopped { get; private set; }

    private long ModelBytes => (Arena.ParameterCount * sizeof(float)) + _settings.FrozenBytes;

    private bool IsEnded => _state.Step >= _settings.Steps || _settings.Validation?.IsExhausted(_state) == true;

    /// <summary>
    /// Trains to the last step, to the end of the validation's patience, or to an interruption, and saves. Steps whose loss or gradient is not finite
    /// change nothing and are counted. Whatever makes the run fail between two steps, it is saved first, so that it can be resumed.
    /// </summary>
    /// <param name="resume">Go on from the folder's newest checkpoint that is whole.</param>
    /// <param name="progress">
    /// Told after every step; metrics loss, the training's measures, learningRate, skipped where steps were, and mIoU of the last validation.
    /// </param>
    /// <param name="cancellation">When cancelled, the step in progress is finished and everything saved; nothing is thrown.</param>
    /// <returns>Where the run stands.</returns>
    /// <exception cref="CloudsException">Bad input, weights that do not fit, a full disk; Numeric: too many steps in a row were not finite.</exception>
    public RunState Run(bool resume = false, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        if (_settings.Ranks.IsFirst)
        {
            DiskForecast disk = new(Checkpoint.Bytes(Arena, _settings), _settings.KeepCheckpoints, _settings.Models * ModelBytes);
            disk.Require(_folder, DiskForecast.FreeAt(_folder.Path), _settings.Warn);
        }

        Begin(resume);
        StepRanks.RequireSameStart(_settings.Ranks, Arena, _state.Step);
        Arena.Send();
        using TrainingHistory? history = _settings.Ranks.IsFirst ? TrainingHistory.Open(_folder, _state) : null;
        try
        {
            GoOn(history, progress, cancellation);
        }
        catch
        {
            Rescue();
            throw;
        }

        return _state;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _step.Dispose();
        _lock?.Dispose();
    }

    private void Begin(bool resume)
    {
        if (resume)
        {
            _state = _checkpoints.Restore(Arena, _step.Trained).In(_settings.Precision);
            if (_settings.Optimization.Teacher is { RestartOnResume: true })
            {
                Arena.CopyToTeacher();
            }
        }
        else
        {
            new StartValues(_settings, _step.Trained).Fill(Arena);
        }
    }

    // Whichever rank was told, all finish the same step.
    private bool IsStopped(CancellationToken cancellation) => WasStopped = _settings.Ranks.Any(cancellation.IsCancellationRequested, "whether to stop");

    private void GoOn(TrainingHistory? history, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        int skipped = 0;
        Validate(history, progress, cancellation);
        while (!IsEnded && !IsStopped(cancellation))
        {
            StepResult result = Advance(history, progress);
            skipped = result.IsOverflow ? skipped : result.Skipped ? skipped + 1 : 0;
            if (skipped == _settings.MostSkipped)
            {
                throw Divergence.Of(result, $"step {_state.Step - 1} of {_folder.Path}", skipped);
            }

            if (_state.Step % _settings.CheckpointEvery == 0 && _state.Step < _settings.Steps)
            {
                Save();
            }

            Validate(history, progress, cancellation);
        }

        Save();
        Divergence.RefuseEnd(_state, _settings, _folder);
    }

    private StepResult Advance(TrainingHistory? history, IProgress<ProgressReport>? progress)
    {
        long start = Stopwatch.GetTimestamp(), step = _state.Step;
        StepResult result = _step.Run(step, _state.Scale);

        // The arena has taken the step: whatever fails from here on, this is where the run stands.
        _state = _state.Next(result);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        HistoryLine line = new(step, result.Loss, result.Measures, result.GradientNorm, result.LearningRate, seconds, result.DataSeconds);
        history?.Append(line with { Memory = _device.MemoryInUse });
        progress?.Report(new ProgressReport(Stage, _state.Step, _settings.Steps, result.Metrics(_state.Skipped, _lastValidation)));
        return result;
    }

    // One that was interrupted is due again when the run is resumed.
    private void Validate(TrainingHistory? history, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        if (_settings.Validation is not ValidationPlan plan || !plan.IsDue(_state, _settings.Steps))
        {
            return;
        }

        Arena.Fetch();
        Divergence.RefuseArena(Arena);
        if (StepRanks.Validated(_settings.Ranks, () => Run(plan, progress, cancellation)) is not ValidationLine line)
        {
            return;
        }

        _lastValidation = line;
        _state = _state with { Validation = ValidationState.After(_state.Validation, line) };
        history?.Append(line);
        if (SavedStep == _state.Step)
        {
            Save();
        }
    }

    private ValidationLine? Run(ValidationPlan plan, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        try
        {
            return cancellation.IsCancellationRequested ? null : plan.By.Run(Arena, _state.Step, _state.Validation, progress, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private void Save()
    {
        _saving = true;
        Arena.Fetch();
        Divergence.RefuseArena(Arena);
        _checkpoints.Save(Arena, _state);
        _saving = false;
    }

    // What made the run fail is what is told; where saving fails too, the checkpoint from before is still there.
    private void Rescue()
    {
        try
        {
            if (!_saving && SavedStep != _state.Step)
            {
                Save();
            }
        }
        catch (CloudsException)
        {
        }
    }
}
