using System.Diagnostics;
using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>
/// Carries out a training. A run is a folder; it can be stopped at any moment, killed even, and resumed with the bits it would have had
/// uninterrupted on as many threads (platform.md section 3 says where another number gives other bits).
/// </summary>
public sealed class Trainer : IDisposable
{
    private readonly TrainingSettings _settings;
    private readonly RunFolder _folder;
    private readonly TrainingStep _step;
    private readonly Device _device;
    private RunState _state = new(Step: 0, SkippedInARow: 0, Skipped: 0);
    private bool _saving;

    /// <summary>Makes the folder, builds the graphs and opens their sessions.</summary>
    /// <param name="training">The graph and the source of batches.</param>
    /// <param name="settings">Steps, optimiser, seed.</param>
    /// <param name="folder">Where checkpoints and history go.</param>
    /// <param name="device">Where graphs run; borrowed.</param>
    /// <param name="sessions">Threads.</param>
    /// <exception cref="CloudsException">Output: the folder cannot be made; Device: it fails; Weights: a stage's file does not fit.</exception>
    public Trainer(ITraining training, TrainingSettings settings, RunFolder folder, Device device, SessionSettings sessions)
    {
        (_settings, _folder, _device) = (settings, folder, device);
        folder.Create();
        _step = new TrainingStep(training, settings, device, sessions);
    }

    /// <summary>The parameters; on the host as they were at the last save, borrowed until the trainer is disposed.</summary>
    public ParameterArena Arena => _step.Arena;

    /// <summary>Steps done in the state that is saved; null: there is none.</summary>
    public long? SavedStep { get; private set; }

    /// <summary>
    /// Trains to the last step or to an interruption, and saves. Steps whose loss or gradient is not finite change nothing and are counted. Whatever
    /// makes the run fail between two steps, it is saved first, so that it can be resumed.
    /// </summary>
    /// <param name="resume">Go on from the folder's checkpoint.</param>
    /// <param name="progress">Told after every step; metrics loss, the training's measures, learningRate, and skipped where steps were.</param>
    /// <param name="cancellation">When cancelled, the step in progress is finished and everything saved; nothing is thrown.</param>
    /// <returns>Where the run stands.</returns>
    /// <exception cref="CloudsException">Bad input, weights that do not fit, a full disk; Numeric: too many steps in a row were not finite.</exception>
    public RunState Run(bool resume = false, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        _state = resume ? Checkpoint.Restore(_folder.Checkpoint, Arena, _step.Trained) : Start();
        SavedStep = resume ? _state.Step : null;
        Arena.Send();
        using TrainingHistory history = TrainingHistory.Open(_folder, _state.Step);
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
    public void Dispose() => _step.Dispose();

    private RunState Start()
    {
        foreach (Parameter parameter in _step.Trained)
        {
            parameter.Initialize(_settings.Seed, Arena.Span(ArenaPart.Parameters, parameter.Name));
        }

        foreach (StartWeights start in _settings.Start)
        {
            Load(start);
        }

        if (_settings.Optimization.Teacher is not null)
        {
            Arena.CopyToTeacher();
        }

        return new RunState(Step: 0, SkippedInARow: 0, Skipped: 0);
    }

    private void Load(StartWeights start)
    {
        Parameter[] wanted = [.. _step.Trained.Where(parameter => parameter.Name.StartsWith(start.Scope, StringComparison.Ordinal))];
        using WeightSource file = WeightSource.Open(start.Path, wanted);
        wanted = [.. wanted.Except(Renewed(start, file, wanted))];
        WeightMatch.Require(file, wanted);
        FiniteWeights.Require(file, wanted.Select(parameter => file.Entry(parameter.Name)));
        foreach (Parameter parameter in wanted)
        {
            file.ReadFloats(parameter.Name, Arena.Span(ArenaPart.Parameters, parameter.Name));
        }
    }

    private Parameter[] Renewed(StartWeights start, WeightSource file, Parameter[] wanted)
    {
        if (start.Renewed is not string scope)
        {
            return [];
        }

        HashSet<string> others = [.. WeightMatch.Of(file, wanted).Faults.Where(fault => fault.Fault == WeightFault.MisShaped).Select(fault => fault.Name)];
        Parameter[] renewed = [.. wanted.Where(p => p.Name.StartsWith(scope, StringComparison.Ordinal) && others.Contains(p.Name))];
        if (renewed.Length > 0)
        {
            string changes = string.Join(", ", renewed.Select(parameter => $"{parameter.Name} {file.Entry(parameter.Name)} to {parameter.Shape}"));
            _settings.Warn?.Invoke($"{renewed.Length} parameters are not those of {start.Path} but start anew, because their shapes differ: {changes}");
        }

        return renewed;
    }

    private void GoOn(TrainingHistory history, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        int skipped = 0;
        while (_state.Step < _settings.Steps && !cancellation.IsCancellationRequested)
        {
            StepResult result = Advance(history, progress);
            skipped = result.Skipped ? skipped + 1 : 0;
            if (skipped == _settings.MostSkipped)
            {
                throw Divergence.Of(result, $"step {_state.Step - 1} of {_folder.Path}", skipped);
            }

            if (_state.Step % _settings.CheckpointEvery == 0 && _state.Step < _settings.Steps)
            {
                Save();
            }
        }

        Save();
        Divergence.RefuseEnd(_state, _settings, _folder);
    }

    private StepResult Advance(TrainingHistory history, IProgress<ProgressReport>? progress)
    {
        long start = Stopwatch.GetTimestamp(), step = _state.Step;
        StepResult result = _step.Run(step);

        // The arena has taken the step: whatever fails from here on, this is where the run stands.
        _state = _state.Next(result.Skipped);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        HistoryLine line = new(step, result.Loss, result.Measures, result.GradientNorm, result.LearningRate, seconds, result.DataSeconds);
        history.Append(line with { Memory = _device.MemoryInUse });
        progress?.Report(new ProgressReport("train", _state.Step, _settings.Steps, Metrics(result)));
        return result;
    }

    private OrderedDictionary<string, double> Metrics(StepResult result)
    {
        OrderedDictionary<string, double> metrics = new(result.Measures);
        metrics.Insert(0, "loss", result.Loss);
        metrics.Add("learningRate", result.LearningRate);
        if (_state.Skipped > 0)
        {
            metrics.Add("skipped", _state.Skipped);
        }

        return metrics;
    }

    private void Save()
    {
        _saving = true;
        Arena.Fetch();
        Divergence.RefuseArena(Arena);
        Checkpoint.Save(_folder.Checkpoint, Arena, _state, _settings);
        SavedStep = _state.Step;
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
