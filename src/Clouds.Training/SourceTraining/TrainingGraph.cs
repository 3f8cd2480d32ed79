using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;

namespace Clouds.Training.SourceTraining;

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

/// <summary>
/// One training step as one graph: forward, matching, losses, gradients. One run of it is one step's gradients.
/// Inputs: "image" (encoder trained too) or "res2".."res5"; those of <see cref="CriterionInputs"/>; the parameters.
/// Outputs: "loss.total"; "loss.ce.{p}", "loss.mask.{p}", "loss.dice.{p}" unweighted, of prediction p; "gradient.{parameter}".
/// </summary>
public sealed class TrainingGraph
{
    private TrainingGraph(GraphBuilder graph, IReadOnlyList<Parameter> trained, int predictions)
    {
        Graph = graph;
        Trained = trained;
        Predictions = predictions;
    }

    /// <summary>The graph.</summary>
    public GraphBuilder Graph { get; }

    /// <summary>The parameters that get a gradient, in the order of their declaration.</summary>
    public IReadOnlyList<Parameter> Trained { get; }

    /// <summary>Number of supervised predictions.</summary>
    public int Predictions { get; }

    /// <summary>Name of a parameter's gradient among the outputs.</summary>
    public static string GradientOf(string parameter) => $"gradient.{parameter}";

    /// <summary>Builds the graph.</summary>
    /// <param name="network">The network.</param>
    /// <param name="criterion">The loss.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="trainEncoder">Whether the encoder is part of the graph and trained, or its features are given.</param>
    public static TrainingGraph Build(MaskFormer network, CriterionConfig criterion, StepShape shape, bool trainEncoder)
    {
        GraphBuilder g = new("training step");
        Pyramid features = trainEncoder
            ? network.Encode(g, g.Input("image", ElementType.Float, [shape.Images, 3, shape.Height, shape.Width]))
            : network.FeatureInputs(g, shape.Images, shape.FeatureSizes);
        IReadOnlyList<Prediction> predictions = network.Decode(g, features);
        CriterionInputs targets = CriterionInputs.Declare(g, criterion, predictions.Count, shape.Images, shape.Slots, shape.Height, shape.Width);
        Value total = Losses(g, new SetCriterion(criterion), predictions, targets);
        Parameter[] trained = [.. g.Parameters];
        IReadOnlyList<Value> gradients = Gradients.Of(g, total, [.. trained.Select(parameter => parameter.Value)]);
        for (int i = 0; i < trained.Length; i++)
        {
            g.Output(GradientOf(trained[i].Name), gradients[i]);
        }

        return new TrainingGraph(g, trained, predictions.Count);
    }

    private static Value Losses(GraphBuilder g, SetCriterion criterion, IReadOnlyList<Prediction> predictions, CriterionInputs targets)
    {
        PredictionLoss[] losses = [.. predictions.Select((p, i) => criterion.Build(g, p.ClassLogits, p.MaskLogits, targets, targets.Draws[i]))];
        Value total = criterion.Total(g, losses);
        g.Output("loss.total", total);
        for (int i = 0; i < losses.Length; i++)
        {
            g.Output($"loss.ce.{i}", losses[i].ClassLoss);
            g.Output($"loss.mask.{i}", losses[i].MaskLoss);
            g.Output($"loss.dice.{i}", losses[i].DiceLoss);
        }

        return total;
    }
}
