using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Weights;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>The sessions of a step in the order in which they run, stages first, and their ports. Nothing else of the graphs is kept.</summary>
internal sealed class StepSessions : IDisposable
{
    private readonly List<GraphSession> _stages = [];
    private readonly Dictionary<FrozenWeights, SharedWeights> _weights = [];
    private readonly GraphSession _training;

    public StepSessions(TrainingGraph graph, Device device, SessionSettings settings)
    {
        Ports = new PortBuffers(device);
        try
        {
            foreach (Stage stage in graph.Stages)
            {
                _stages.Add(Open(stage.Graph, Shared(stage.Weights), device, settings));
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
        foreach (GraphSession stage in _stages)
        {
            Ports.BindTo(stage);
            Array.ForEach([.. stage.Inputs.Where(input => !Ports.Has(input.Name))], input => BindTeacher(stage, input.Name, arena));
        }

        Ports.BindTo(_training);
        arena.BindTo(_training, gradientName: TrainingGraph.GradientOf);
    }

    public void Run()
    {
        Ports.Send();
        _stages.ForEach(stage => stage.Run());
        _training.Run();
    }

    public void Dispose()
    {
        _stages.ForEach(stage => stage.Dispose());
        _training?.Dispose();
        Ports.Dispose();
        _weights.Values.ToList().ForEach(weights => weights.Dispose());
    }

    private GraphSession Open(GraphBuilder graph, SharedWeights? weights, Device device, SessionSettings settings)
    {
        Ports.Add(graph);
        return device.CreateSession(OnnxModel.Write(graph, weights?.Weights.Elements), settings with { Weights = weights });
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

    private static void BindTeacher(GraphSession stage, string parameter, ParameterArena arena)
    {
        ParameterSlot slot = arena.Slot(parameter);
        if (!arena.Has(ArenaPart.Teacher))
        {
            throw new CloudsException(Failure.Internal, "a stage runs on the teacher, and there is none", parameter,
                next: "set Optimization.Teacher, or give the stage weights for the parameter");
        }

        arena.BindTo(stage, parameter, slot, ArenaPart.Teacher);
    }
}
