using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Operators;
using Clouds.Graph.Weights;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>The sessions of a step in the order in which they run, stages first, and their ports. Nothing else of the graphs is kept.</summary>
internal sealed class StepSessions : IDisposable
{
    private readonly List<StageSession> _stages = [];
    private readonly Dictionary<FrozenWeights, SharedWeights> _weights = [];
    private readonly GraphSession _training;

    public StepSessions(TrainingGraph graph, Device device, SessionSettings settings)
    {
        Ports = new PortBuffers(device);
        try
        {
            foreach (Stage stage in graph.Stages)
            {
                GraphSession session = Open(stage.Graph, Shared(stage.Weights), device, settings);
                _stages.Add(new StageSession(stage.Graph.Name, session, stage.OnDemand, stage.Live));
            }

            _training = Open(graph.Graph, weights: null, device, settings);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public PortBuffers Ports { get; }

    /// <summary>
    /// Binds everything to its memory, once: ports, parameters and gradients of the training graph, the teacher's parameters of the stages.
    /// </summary>
    /// <exception cref="CloudsException">Internal: a stage runs on a teacher that nobody keeps, or on a parameter that nobody trains.</exception>
    public void Bind(ParameterArena arena)
    {
        foreach (StageSession stage in _stages)
        {
            Ports.BindTo(stage.Session, stage.OnDemand);
            Array.ForEach([.. stage.Session.Inputs.Where(input => !Ports.Has(input.Name))], input => BindParameter(stage, input.Name, arena));
        }

        Ports.BindTo(_training);
        arena.BindTo(_training, gradientName: TrainingGraph.GradientOf);
    }

    /// <summary>Runs the stages that run once in every step.</summary>
    public void RunStages(CancellationToken cancellation = default)
    {
        Ports.Send();
        _stages.ForEach(stage =>
        {
            if (!stage.OnDemand)
            {
                stage.Session.Run(cancellation);
            }
        });
    }

    /// <summary>Runs a stage on demand.</summary>
    /// <exception cref="CloudsException">Internal: there is no such stage.</exception>
    public void Run(string stage)
    {
        StageSession asked = _stages.Find(known => known.OnDemand && known.Name == stage) ?? throw new CloudsException(
            Failure.Internal, "no stage on demand has this name", stage, next: "give the training's graph a stage with Stage.OnDemand");
        Ports.RequireFilled(asked.Session);
        Ports.Send(asked.Session);
        asked.Session.Run();
    }

    /// <summary>Runs the training graph.</summary>
    public void RunTraining(CancellationToken cancellation = default)
    {
        Ports.Send();
        _training.Run(cancellation);
    }

    public void Dispose()
    {
        _stages.ForEach(stage => stage.Session.Dispose());
        _training?.Dispose();
        Ports.Dispose();
        _weights.Values.ToList().ForEach(weights => weights.Dispose());
    }

    private GraphSession Open(GraphBuilder graph, SharedWeights? weights, Device device, SessionSettings settings)
    {
        Ports.Add(graph);

        // A runtime orders the nodes of functions that it inlines as it likes, and its pool grows otherwise than foreseen: so a GPU is given the nodes.
        GraphBuilder run = device.TensorGpu is null ? graph : LoweredGraph.Of(graph);
        return device.CreateSession(OnnxModel.Write(run, weights?.Weights.Elements), settings with { Weights = weights });
    }

    // Stages that are given the same weights share them.
    private SharedWeights? Shared(FrozenWeights? weights)
    {
        if (weights is not null && !_weights.ContainsKey(weights))
        {
            _weights.Add(weights, new SharedWeights(weights));
        }

        return weights is null ? null : _weights[weights];
    }

    private static void BindParameter(StageSession stage, string parameter, ParameterArena arena)
    {
        ParameterSlot slot = arena.Slot(parameter);
        ArenaPart part = stage.Live is string live && parameter.StartsWith(live, StringComparison.Ordinal) ? ArenaPart.Parameters : ArenaPart.Teacher;
        if (!arena.Has(part))
        {
            throw new CloudsException(Failure.Internal, "a stage runs on the teacher, and there is none", parameter,
                next: "set Optimization.Teacher, or give the stage weights for the parameter");
        }

        arena.BindTo(stage.Session, parameter, slot, part);
    }

    private sealed record StageSession(string Name, GraphSession Session, bool OnDemand, string? Live);
}
