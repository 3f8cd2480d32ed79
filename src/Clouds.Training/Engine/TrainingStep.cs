using System.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Distributed;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Measures;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>One optimiser step: a batch in the ports, the stages, the training graph, AdamW over the arena.</summary>
internal sealed class TrainingStep : IDisposable
{
    /// <summary>What hosts measure of trainings.</summary>
    public static readonly StageMeter Meter = new("train");

    private readonly ITraining _training;
    private readonly TrainingSettings _settings;
    private readonly StepSessions _sessions;
    private readonly IReadOnlyList<Measure> _measures;
    private readonly ArenaOptimizer _optimizer;
    private readonly GradientMean _gradients;
    private readonly int _threads;
    private double _norm;

    public TrainingStep(ITraining training, TrainingSettings settings, Device device, SessionSettings sessions)
    {
        (_training, _settings, _threads) = (training, settings, sessions.Threads);
        TrainingGraph graph = training.Build().In(settings.Precision);
        (Trained, _measures) = (graph.Trained, graph.Measures);
        RequireMemory(graph, device);
        _sessions = new StepSessions(graph, device, sessions);
        Optimization optimization = settings.Optimization;
        IEnumerable<(string, long[], int)> parameters = Trained.Select(parameter => (parameter.Name, parameter.Shape.Sizes, optimization.GroupOf(parameter)));
        try
        {
            Arena = device.CreateArena(parameters, teacher: optimization.Teacher is not null);
            _optimizer = Arena.CreateOptimizer();
            _gradients = new GradientMean(settings.Ranks, Arena, settings.Warn);
            _sessions.Bind(Arena);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Parameters, gradients, moments and, where there is one, the teacher.</summary>
    public ParameterArena Arena { get; }

    /// <summary>The trained parameters' declarations.</summary>
    public IReadOnlyList<Parameter> Trained { get; }

    /// <summary>Computes the gradients of a batch and updates the parameters.</summary>
    /// <param name="step">Step, from 0.</param>
    /// <param name="scale">Scale of the loss in mixed precision; null in single.</param>
    public StepResult Run(long step, LossScale? scale = null)
    {
        RankGroup ranks = _settings.Ranks;
        (long start, long begin) = (Meter.Start(), Stopwatch.GetTimestamp());
        ranks.At(step, "data");
        Batch batch = new(_sessions.Ports, _settings.Seed, step, _sessions.Run) { Ranks = ranks };
        _training.Fill(batch);
        if (scale is not null)
        {
            batch.Of(LossScale.Port).Span[0] = (float)scale.Factor;
        }

        start = Meter.Stop("data", start);
        double dataSeconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        ranks.At(step, "network");
        RunGraphs(batch, ranks);
        start = Meter.Stop("network", start);
        StepResult result = Update(step, scale, dataSeconds);
        Meter.Stop("update", start);
        Meter.AddStep();
        return result;
    }

    public void Dispose()
    {
        _sessions.Dispose();

        // Where the constructor failed these were not made.
        _optimizer?.Dispose();
        _gradients?.Dispose();
        Arena?.Dispose();
    }

    // A step that ends in the middle for lack of memory says less than a sentence before the first.
    private void RequireMemory(TrainingGraph graph, Device device)
    {
        const string Next = "take a smaller training.batch, or a smaller training.augmentation.cropHeight and cropWidth";
        try
        {
            MemoryForecast forecast = StepMemory.Of(graph, teacher: _settings.Optimization.Teacher is not null);
            if (device.TensorGpu is null)
            {
                string next = $"{Next}; or go on all the same (TrainingOptions.AcceptMemory)";
                forecast.RequireHost(HostMemory.Now, "training", next, _settings.AcceptMemory, _settings.Warn);
            }
            else
            {
                forecast.Require(device, "training", Next, always: true);
            }
        }
        catch
        {
            Array.ForEach([.. graph.Stages], stage => stage.Weights?.Dispose());
            throw;
        }
    }

    // Where a rank is lost, the gradient of this one is of no use any more.
    private void RunGraphs(Batch batch, RankGroup ranks)
    {
        try
        {
            _sessions.RunStages(ranks.Lost);
            _training.Complete(batch);
            _sessions.Ports.RequireFilled();
            _sessions.RunTraining(ranks.Lost);
        }
        catch (OperationCanceledException) when (ranks.Lost.IsCancellationRequested)
        {
            ranks.Meet("mean of the gradients");
            throw;
        }
    }

    private StepResult Update(long step, LossScale? scale, double dataSeconds)
    {
        Optimization optimization = _settings.Optimization;
        GroupSetting[] groups = optimization.At(step);
        TeacherUpdate teacher = optimization.Teacher?.At(step) ?? TeacherUpdate.None;
        double[]? ofAll = MeanOverRanks(step);
        OptimizerStep result = _optimizer.Step(
            optimization.Rule, groups, step + 1 - (scale?.Skipped ?? 0), teacher, optimization.Teacher?.MomentumAt(step) ?? 0, _threads);
        _norm = result.GradientNorm;
        double[] numbers = ofAll ?? Numbers();
        OrderedDictionary<string, double> measures = new(_measures.Select((measure, i) => KeyValuePair.Create(measure.Name, numbers[i + 1])));
        if (scale is not null)
        {
            measures.Add("lossScale", scale.Factor);
        }

        return new StepResult(numbers[0], measures, result.GradientNorm, groups[0].LearningRate, dataSeconds, result.Skipped)
        {
            IsOverflow = result.Skipped && scale is { IsLeast: false } && double.IsFinite(numbers[0]),
        };
    }

    // Before the parameters change: where a rank is lost they are still those of the step before, and can be saved.
    private double[]? MeanOverRanks(long step)
    {
        RankGroup ranks = _settings.Ranks;
        ranks.At(step, "update");
        _gradients.Run();
        return ranks.Count == 1 ? null : StepRanks.Mean(ranks, Numbers(), _norm);
    }

    // The loss, then the measures.
    private double[] Numbers() => [.. _measures.Select(measure => measure.Port).Prepend(TrainingGraph.Loss).Select(_sessions.Ports.Number)];
}
