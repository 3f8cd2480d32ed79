using Clouds.Graph.Building;
using Clouds.Models.MaskClassifier;
using Clouds.Models.Sam;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;

namespace Clouds.Training.SelfTraining;

/// <summary>What a step asks of a machine, told by its graphs alone: neither weights nor data have to be there.</summary>
public sealed class StepCost
{
    private readonly MemoryForecast _memory;
    private readonly long _weights;

    private StepCost(double multiplyAdds, MemoryForecast memory, long weights)
    {
        (MultiplyAdds, _memory, _weights) = (multiplyAdds, memory, weights);
        memory.AddBuffer(weights);
    }

    /// <summary>Multiplications with an addition in matrix products and convolutions, forward and backward.</summary>
    public double MultiplyAdds { get; }

    /// <summary>Memory of the processor in bytes. Weights that do not change count twice there, as <see cref="MemoryForecast.HostBytes"/> says.</summary>
    public long HostBytes => _memory.HostBytes + _weights;

    /// <summary>Memory of a GPU in bytes.</summary>
    public long BytesOn(Device device) => _memory.Bytes(device);

    /// <summary>A step of stage 1.</summary>
    /// <param name="config">Its settings; a text classifier counts as a linear one, from which it differs by its class logits alone.</param>
    /// <param name="classes">Classes of the data.</param>
    public static StepCost OfSource(SourceTrainingConfig config, int classes)
    {
        TrainingGraph graph = Graph(config, Network(config, classes), Shape(config, classes)).In(config.Precision);
        return new StepCost(Work(graph), StepMemory.Of(graph, teacher: false), Frozen(graph));
    }

    /// <summary>A step of stage 2.</summary>
    /// <param name="config">Its settings (<see cref="SelfTrainingConfig.Over"/>).</param>
    /// <param name="classes">Classes of the data.</param>
    /// <param name="generated">Generated images of a step, on average.</param>
    /// <param name="sam">What refines their labels; its answers to prompts, of which nobody knows the number, are not counted. Null: nothing.</param>
    public static StepCost OfSelfTraining(SourceTrainingConfig config, int classes, double generated, SamConfig? sam)
    {
        (MaskFormer network, StepShape shape) = (Network(config, classes), Shape(config, classes));
        TrainingGraph graph = Graph(config, network, shape).In(config.Precision);
        using TeacherLabels teacher = new(network, config.Network.TransformerDecoder.Queries, shape, threads: 0);
        GraphBuilder labels = teacher.Stage(encoder: null).In(config.Precision).Graph;
        MemoryForecast memory = StepMemory.Of(graph, teacher: true);
        memory.AddSession(labels, weights: null);
        GraphBuilder? masks = sam is null ? null : Embedder(sam);
        if (masks is not null)
        {
            memory.AddSession(masks, weights: null);
        }

        double work = Work(graph) + (generated * (Work(labels) + (masks is null ? 0 : Work(masks))));
        return new StepCost(work, memory, Frozen(graph) + (masks is null ? 0 : Bytes(masks)));
    }

    private static MaskFormer Network(SourceTrainingConfig config, int classes) => new(
        config.Network with { Classifier = ClassifierKind.Linear, GeometricEnsemble = false }, classes, config.Encoder.Trainable);

    private static StepShape Shape(SourceTrainingConfig config, int classes) =>
        new(config.Batch, config.Augmentation.CropHeight, config.Augmentation.CropWidth, classes);

    // The frozen encoder's weights belong to nobody here: only their sizes count.
    private static TrainingGraph Graph(SourceTrainingConfig config, MaskFormer network, StepShape shape)
    {
        SourceGraph graph = new(network, config.Loss, shape);
        return config.Encoder.Trainable ? graph.Whole() : graph.BehindFrozen(_ => null);
    }

    private static GraphBuilder Embedder(SamConfig sam)
    {
        GraphBuilder g = new("masks");
        Value image = g.Input("masks.image", ElementType.Float, [1, 3, sam.Encoder.ImageSize, sam.Encoder.ImageSize]);
        g.Output("embedding", new SegmentAnythingNetwork(sam).Embed(g, image));
        return g;
    }

    private static double Work(TrainingGraph graph) => Work(graph.Graph) + graph.Stages.Sum(stage => Work(stage.Graph));

    private static double Work(GraphBuilder graph) => BlockSummary.Of(graph).Sum(block => (double)block.MultiplyAdds);

    private static long Frozen(TrainingGraph graph) => graph.Stages.Sum(stage => Bytes(stage.Graph));

    private static long Bytes(GraphBuilder graph) =>
        graph.Parameters.Where(parameter => parameter.IsRead).Sum(parameter => MemoryPlan.BytesOf(parameter.Value));
}
