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
    private const int MostSkipped = 20;

    private readonly TrainingSettings _settings;
    private readonly RunFolder _folder;
    private readonly TrainingStep _step;

    /// <summary>Makes the folder, builds the graphs and opens their sessions.</summary>
    /// <param name="training">The graph and the source of batches.</param>
    /// <param name="settings">Steps, optimiser, seed.</param>
    /// <param name="folder">Where checkpoints and history go.</param>
    /// <param name="device">Where graphs run; borrowed.</param>
    /// <param name="sessions">Threads.</param>
    /// <exception cref="CloudsException">Output: the folder cannot be made; Device: it fails; Weights: a stage's file does not fit.</exception>
    public Trainer(ITraining training, TrainingSettings settings, RunFolder folder, Device device, SessionSettings sessions)
    {
        (_settings, _folder) = (settings, folder);
        folder.Create();
        _step = new TrainingStep(training, settings, device, sessions);
    }

    /// <summary>The parameters; on the host as they were at the last save, borrowed until the trainer is disposed.</summary>
    public ParameterArena Arena => _step.Arena;

    /// <summary>Trains to the last step or to an interruption, and saves.</summary>
    /// <param name="resume">Go on from the folder's checkpoint.</param>
    /// <param name="progress">Told after every step; metrics loss, the training's measures, learningRate.</param>
    /// <param name="cancellation">When cancelled, the step in progress is finished and everything saved; nothing is thrown.</param>
    /// <returns>Where the run stands.</returns>
    /// <exception cref="CloudsException">Bad input, weights that do not fit, a full disk, a gradient that stays infinite.</exception>
    public RunState Run(bool resume = false, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        RunState state = resume ? Checkpoint.Restore(_folder.Checkpoint, Arena, _step.Trained) : Start();
        Arena.Send();
        using TrainingHistory history = TrainingHistory.Open(_folder.History, state.Step);
        while (state.Step < _settings.Steps && !cancellation.IsCancellationRequested)
        {
            state = Advance(state, history, progress);
            if (state.Step % _settings.CheckpointEvery == 0 && state.Step < _settings.Steps)
            {
                Save(state);
            }
        }

        Save(state);
        return state;
    }

    /// <inheritdoc/>
    public void Dispose() => _step.Dispose();

    private RunState Start()
    {
        foreach (Parameter parameter in _step.Trained)
        {
            parameter.Initialize(_settings.Seed).CopyTo(Arena.Span(ArenaPart.Parameters, parameter.Name));
        }

        foreach (StartWeights start in _settings.Start)
        {
            Load(start);
        }

        if (_settings.Optimization.Teacher is not null)
        {
            Arena.CopyToTeacher();
        }

        return new RunState(Step: 0, SkippedInARow: 0);
    }

    private void Load(StartWeights start)
    {
        Parameter[] wanted = [.. _step.Trained.Where(parameter => parameter.Name.StartsWith(start.Scope, StringComparison.Ordinal))];
        using WeightSource file = WeightSource.Open(start.Path, wanted);
        WeightMatch.Require(file, wanted);
        FiniteWeights.Require(file, wanted.Select(parameter => file.Entry(parameter.Name)));
        foreach (Parameter parameter in wanted)
        {
            file.ReadFloats(parameter.Name, Arena.Span(ArenaPart.Parameters, parameter.Name));
        }
    }

    private void Save(RunState state)
    {
        Arena.Fetch();
        Checkpoint.Save(_folder.Checkpoint, Arena, state, _settings.Description);
    }

    private RunState Advance(RunState state, TrainingHistory history, IProgress<ProgressReport>? progress)
    {
        long start = Stopwatch.GetTimestamp();
        StepResult result = _step.Run(state.Step);
        long skipped = result.Skipped ? state.SkippedInARow + 1 : 0;
        RefuseDivergence(skipped, state.Step, result);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        history.Append(new HistoryLine(state.Step, result.Loss, result.Measures, result.GradientNorm, result.LearningRate, seconds));
        progress?.Report(new ProgressReport("train", state.Step + 1, _settings.Steps, Metrics(result)));
        return new RunState(state.Step + 1, skipped);
    }

    private static OrderedDictionary<string, double> Metrics(StepResult result)
    {
        OrderedDictionary<string, double> metrics = new(result.Measures);
        metrics.Insert(0, "loss", result.Loss);
        metrics.Add("learningRate", result.LearningRate);
        return metrics;
    }

    private void RefuseDivergence(long skipped, long step, StepResult result)
    {
        if (skipped >= MostSkipped)
        {
            throw new CloudsException(
                Failure.Numeric,
                "the gradient is not finite",
                $"step {step} of {_folder.Path}",
                $"{skipped} steps in a row, loss {result.Loss}",
                "finite numbers",
                "resume from the last checkpoint with a smaller learning rate in a new run");
        }
    }
}
