using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>
/// One training step as graphs: forward pass, matching, losses. The encoder is part of the training graph and trained, or a graph of its own
/// whose features "res2".."res5" the training graph is given. Outputs: the total loss; "loss.ce.{p}", "loss.mask.{p}", "loss.dice.{p}"
/// unweighted, of prediction p; gradients.
/// </summary>
/// <param name="network">The network.</param>
/// <param name="criterion">The loss.</param>
/// <param name="shape">Sizes.</param>
/// <param name="scaled">Whether the class loss is scaled, for images that are a part of a step (<see cref="CriterionPorts.ClassScale"/>).</param>
public sealed class SourceGraph(MaskFormer network, CriterionConfig criterion, StepShape shape, bool scaled = false)
{
    /// <summary>Measure: class cross-entropy of the last prediction.</summary>
    public const string ClassLoss = "classLoss";

    /// <summary>Measure: mask cross-entropy of the last prediction.</summary>
    public const string MaskLoss = "maskLoss";

    /// <summary>Measure: dice loss of the last prediction.</summary>
    public const string DiceLoss = "diceLoss";

    /// <summary>The images, float [N, 3, H, W], normalised.</summary>
    public Port<float> Image { get; } = new("image", [shape.Images, 3, shape.Height, shape.Width]);

    /// <summary>Targets and draws.</summary>
    public CriterionPorts Criterion { get; } = new(criterion, network.Predictions, shape, scaled);

    /// <summary>Whether images have weights (<see cref="CriterionPorts.ImageWeights"/>).</summary>
    public bool Weighted { get; init; }

    /// <summary>Whether targets of an image may overlap: then they are given as masks, not as a map.</summary>
    public bool Overlapping { get; init; }

    /// <summary>Encoder, decoder and losses in one graph.</summary>
    public TrainingGraph Whole()
    {
        GraphBuilder g = new("training step");
        return Decoder(g, network.Encode(g, Image.In(g)), Targets(g));
    }

    /// <summary>Decoder and losses on the features of an encoder that is not trained.</summary>
    /// <param name="encoder">The encoder's weights; null where only sizes are asked for.</param>
    public TrainingGraph BehindFrozen(Func<IReadOnlyCollection<Parameter>, FrozenWeights?> encoder)
    {
        GraphBuilder e = new("encoder");
        Pyramid features = network.Encode(e, Image.In(e));
        foreach ((string name, Value value) in features.Levels)
        {
            e.Output(name, value);
        }

        GraphBuilder g = new("training step");
        return Decoder(g, Features(g), Targets(g)) with { Stages = [new Stage(e, encoder(e.Parameters))] };
    }

    /// <summary>Decoder and losses on features and masks that somebody fills in.</summary>
    public TrainingGraph OnFeatures()
    {
        GraphBuilder g = new("training step");
        return Decoder(g, Features(g), Criterion.In(g));
    }

    /// <summary>Name of an output.</summary>
    /// <param name="term">"ce", "mask" or "dice".</param>
    /// <param name="prediction">Number of the prediction.</param>
    public static string LossOf(string term, int prediction) => $"loss.{term}.{prediction}";

    private CriterionInputs Targets(GraphBuilder g) => Overlapping ? Criterion.In(g, Weighted) : Criterion.WithMap(g, Weighted);

    private Pyramid Features(GraphBuilder g) => network.FeatureInputs(g, shape.Images, shape.FeatureSizes);

    private TrainingGraph Decoder(GraphBuilder g, Pyramid features, CriterionInputs targets)
    {
        SetCriterion loss = new(criterion);
        IReadOnlyList<Prediction> predictions = network.Decode(g, features);
        IReadOnlyList<PredictionLoss> losses = loss.Build(g, predictions, targets);
        for (int i = 0; i < losses.Count; i++)
        {
            g.Output(LossOf("ce", i), losses[i].ClassLoss);
            g.Output(LossOf("mask", i), losses[i].MaskLoss);
            g.Output(LossOf("dice", i), losses[i].DiceLoss);
        }

        PredictionLoss last = losses[^1];
        return TrainingGraph.Of(g, loss.Total(g, losses), (ClassLoss, last.ClassLoss), (MaskLoss, last.MaskLoss), (DiceLoss, last.DiceLoss));
    }
}

/// <summary>Sizes of one training step.</summary>
/// <param name="Images">Images in the batch.</param>
/// <param name="Height">Pixels, a multiple of 32.</param>
/// <param name="Width">Pixels, a multiple of 32.</param>
/// <param name="Slots">Most targets an image can have: the number of classes, for semantic targets.</param>
public sealed record StepShape(int Images, int Height, int Width, int Slots)
{
    /// <summary>Height and width of the encoder's four maps, fine to coarse: strides 4, 8, 16, 32.</summary>
    public IReadOnlyList<(long Height, long Width)> FeatureSizes { get; init; } =
        [.. new[] { 4, 8, 16, 32 }.Select(stride => ((long)(Height / stride), (long)(Width / stride)))];
}
