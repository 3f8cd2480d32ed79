using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>
/// One optimiser step: a batch in the ports, the stages, the training graph, AdamW over the arena. Nothing of the graphs but their sessions and
/// the trained parameters' declarations is kept.
/// </summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly ITraining _training;
    private readonly TrainingSettings _settings;
    private readonly Device _device;
    private readonly SessionSettings _sessions;
    private readonly PortBuffers _ports = new();
    private readonly List<GraphSession> _inOrder = [];
    private readonly IReadOnlyList<Measure> _measures;
    private readonly Optimizer _optimizer;

    public TrainingStep(ITraining training, TrainingSettings settings, Device device, SessionSettings sessions)
    {
        (_training, _settings, _device, _sessions) = (training, settings, device, sessions);
        TrainingGraph graph = training.Build();
        (Trained, _measures) = (graph.Trained, graph.Measures);
        Optimization optimization = settings.Optimization;
        IEnumerable<(string, long[], int)> parameters = Trained.Select(parameter => (parameter.Name, parameter.Shape.Sizes, optimization.GroupOf(parameter)));
        Arena = device.CreateArena(parameters, teacher: optimization.Teacher is not null);
        _optimizer = Arena.CreateOptimizer();
        try
        {
            Open(graph);
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
    public StepResult Run(long step)
    {
        _training.Fill(new Batch(_ports, _settings.Seed, step));
        _ports.RequireFilled();
        _inOrder.ForEach(session => session.Run());
        return Update(step);
    }

    public void Dispose()
    {
        _inOrder.ForEach(session => session.Dispose());
        Arena.Dispose();
    }

    private void Open(TrainingGraph graph)
    {
        foreach (GraphBuilder stage in graph.Stages.Select(stage => stage.Graph).Append(graph.Graph))
        {
            _ports.Add(stage);
        }

        foreach (Stage stage in graph.Stages)
        {
            Open(stage);
        }

        GraphSession session = _device.CreateSession(OnnxModel.Write(graph.Graph), _sessions);
        _inOrder.Add(session);
        _ports.BindTo(session);
        Arena.BindTo(session, gradientName: TrainingGraph.GradientOf);
    }

    private void Open(Stage stage)
    {
        byte[] model = OnnxModel.Write(stage.Graph, stage.Weights?.Elements);
        GraphSession session = _device.CreateSession(model, _sessions with { ExternalDataFolder = stage.Weights?.Folder });
        _inOrder.Add(session);
        _ports.BindTo(session);
        HashSet<string> parameters = [.. stage.Graph.Parameters.Select(parameter => parameter.Name)];
        foreach (ParameterSlot slot in session.Inputs.Select(port => port.Name).Where(parameters.Contains).Select(Arena.Slot))
        {
            BindTeacher(session, slot);
        }
    }

    private unsafe void BindTeacher(GraphSession session, ParameterSlot slot) =>
        session.Bind(slot.Name, Arena.Pointer(ArenaPart.Teacher, slot.Name), slot.Shape);

    // Between the gradients and this stands the sum over ranks, where there are several.
    private StepResult Update(long step)
    {
        Optimization optimization = _settings.Optimization;
        GroupSetting[] groups = optimization.At(step);
        TeacherUpdate teacher = optimization.Teacher?.At(step) ?? TeacherUpdate.None;
        OptimizerStep result = _optimizer.Step(
            Arena.OptimizerArenas, optimization.Rule, groups, step + 1, teacher, optimization.Teacher?.Momentum ?? 0, _sessions.Threads);
        OrderedDictionary<string, double> measures = [];
        foreach ((string name, string port) in _measures)
        {
            measures.Add(name, _ports.Number(port));
        }

        return new StepResult(_ports.Number(TrainingGraph.Loss), measures, result.GradientNorm, groups[0].LearningRate, result.Skipped);
    }
}
