using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.SourceTraining;

/// <summary>What a step gave.</summary>
/// <param name="Loss">Weighted total.</param>
/// <param name="ClassLoss">Class cross-entropy of the last prediction.</param>
/// <param name="MaskLoss">Mask cross-entropy of the last prediction.</param>
/// <param name="DiceLoss">Dice loss of the last prediction.</param>
/// <param name="GradientNorm">Norm of the whole gradient before clipping.</param>
/// <param name="LearningRate">Learning rate of the head.</param>
/// <param name="Skipped">The gradient was not finite, nothing was changed.</param>
public sealed record StepResult(double Loss, double ClassLoss, double MaskLoss, double DiceLoss, double GradientNorm, double LearningRate, bool Skipped);

/// <summary>
/// One optimiser step: the training graph in a session, parameters in an arena, AdamW over it. A frozen encoder runs in a session of its own
/// and writes its features where the training graph reads them.
/// </summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly SourceTrainingConfig _config;
    private readonly StepShape _shape;
    private readonly GraphSession? _encoder;
    private readonly GraphSession _session;
    private readonly Optimizer _optimizer;
    private readonly StepDraws _draws;
    private readonly float[] _images;
    private readonly float[] _numMasks = new float[1];
    private readonly Dictionary<string, float[]> _losses = [];

    /// <param name="config">Settings.</param>
    /// <param name="classes">K.</param>
    /// <param name="frozenEncoder">Weight file of an encoder that is not trained; null where it is trained.</param>
    /// <param name="settings">Device and threads.</param>
    public TrainingStep(SourceTrainingConfig config, int classes, string? frozenEncoder, SessionSettings settings)
    {
        _config = config;
        _shape = new StepShape(config.Batch, config.Augmentation.CropHeight, config.Augmentation.CropWidth, classes);
        MaskFormer network = new(config.Network, classes);
        TrainingGraph graph = TrainingGraph.Build(network, config.Loss, _shape, config.Encoder.Trainable);
        _session = SessionFactory.Create(OnnxModel.Write(graph.Graph), settings);
        Arena = new ParameterArena(graph.Trained.Select(p => (p.Name, p.Shape.Sizes, ParameterGroups.Of(p))));
        Arena.BindTo(_session, gradientName: TrainingGraph.GradientOf);
        _optimizer = Arena.CreateOptimizer();
        Trained = graph.Trained;
        Targets = new TargetBatch(_shape);
        _images = new float[(long)_shape.Images * 3 * _shape.Height * _shape.Width];
        BindInputs();
        _draws = new StepDraws(_session, config.Loss, _shape, graph.Predictions);
        Last = graph.Predictions - 1;
        BindLosses(graph.Predictions);
        _encoder = frozenEncoder is null ? null : Encoder(network, frozenEncoder, settings);
    }

    /// <summary>Parameters, gradients, moments.</summary>
    public ParameterArena Arena { get; }

    /// <summary>The trained parameters' declarations.</summary>
    public IReadOnlyList<Parameter> Trained { get; }

    /// <summary>Targets of the next step.</summary>
    public TargetBatch Targets { get; }

    /// <summary>Where the training graph runs.</summary>
    public Device Device => _session.Device;

    private int Last { get; }

    /// <summary>Sets the next step's image and targets.</summary>
    public void Set(int image, RgbImage pixels, LabelMap labels)
    {
        int plane = 3 * _shape.Height * _shape.Width;
        Normalisation.Clip.Write(pixels, _images.AsSpan(image * plane, plane), _shape.Width, _shape.Height);
        Targets.Set(image, labels);
    }

    /// <summary>Runs the graph on what was set and updates the parameters.</summary>
    /// <param name="step">Step, from 0.</param>
    public unsafe StepResult Run(long step)
    {
        _draws.Fill((ulong)_config.Seed, step, Targets);
        _numMasks[0] = Math.Max(1, Targets.Count);
        _encoder?.Run();
        _session.Run();
        GroupSetting[] groups = ParameterGroups.At(step, _config);
        OptimizerSettings settings = new(_config.Optimizer.ClipNorm > 0 ? ClipMode.FullModel : ClipMode.None, _config.Optimizer.ClipNorm);
        OptimizerStep result = _optimizer.Step(Arena.OptimizerArenas, settings, groups, step + 1, threads: _config.Threads);
        return new StepResult(
            Loss("total"), Loss($"ce.{Last}"), Loss($"mask.{Last}"), Loss($"dice.{Last}"), result.GradientNorm, groups[0].LearningRate, result.Skipped);
    }

    public void Dispose()
    {
        _session.Dispose();
        _encoder?.Dispose();
        Arena.Dispose();
    }

    private double Loss(string name) => _losses[name][0];

    private void BindInputs()
    {
        _session.Bind<long>("target.labels", Targets.Labels, _shape.Images, _shape.Slots);
        _session.Bind<byte>("target.masks", Targets.Masks, _shape.Images, _shape.Slots, _shape.Height, _shape.Width);
        _session.Bind<float>("target.valid", Targets.Valid, _shape.Images, _shape.Slots);
        _session.Bind<float>("num_masks", _numMasks);
        if (_config.Encoder.Trainable)
        {
            _session.Bind<float>("image", _images, _shape.Images, 3, _shape.Height, _shape.Width);
        }
    }

    private void BindLosses(int predictions)
    {
        IEnumerable<string> names = ["total", .. Enumerable.Range(0, predictions).SelectMany(p => new[] { $"ce.{p}", $"mask.{p}", $"dice.{p}" })];
        foreach (string name in names)
        {
            _losses[name] = new float[1];
            _session.Bind<float>($"loss.{name}", _losses[name]);
        }
    }

    private GraphSession Encoder(MaskFormer network, string file, SessionSettings settings)
    {
        GraphBuilder g = new("encoder");
        Pyramid features = network.Encode(g, g.Input("image", ElementType.Float, [_shape.Images, 3, _shape.Height, _shape.Width]));
        foreach ((string name, Value value) in features.Levels)
        {
            g.Output(name, value);
        }

        FrozenWeights weights = FrozenWeights.FromFile(file, g.Parameters);
        GraphSession encoder = SessionFactory.Create(OnnxModel.Write(g, weights.Elements), settings with { ExternalDataFolder = weights.Folder });
        encoder.Bind<float>("image", _images, _shape.Images, 3, _shape.Height, _shape.Width);
        foreach ((string name, Value value) in features.Levels)
        {
            float[] buffer = new float[value.Shape.ElementCount];
            encoder.Bind<float>(name, buffer, value.Shape.Sizes);
            _session.Bind<float>(name, buffer, value.Shape.Sizes);
        }

        return encoder;
    }
}
