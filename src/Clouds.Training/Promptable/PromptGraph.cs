using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Sam;
using Clouds.Training.Engine;

namespace Clouds.Training.Promptable;

/// <summary>
/// One training step of Segment Anything as graphs: embedding, and passes of the decoder, each later one on the mask that the one before has chosen. The
/// image encoder is part of the training graph, or a graph of its own whose embedding the training graph is given.
/// </summary>
/// <param name="config">Settings.</param>
public sealed class PromptGraph(SamTrainingConfig config)
{
    /// <summary>Measure: focal loss of the best masks, mean over prompts and passes.</summary>
    public const string FocalLoss = "focalLoss";

    /// <summary>Measure: dice loss of them.</summary>
    public const string DiceLoss = "diceLoss";

    /// <summary>Measure: squared error of the foretold IoU.</summary>
    public const string ScoreLoss = "scoreLoss";

    /// <summary>Measure: IoU of the best masks.</summary>
    public const string BestIou = "iou";

    private const string Embedding = "embedding";

    private readonly SegmentAnythingNetwork _network = new(config.Network);
    private readonly PromptStepShape _shape = PromptStepShape.Of(config);

    /// <summary>Prompts and targets.</summary>
    public PromptPorts Ports { get; } = new(PromptStepShape.Of(config));

    /// <summary>Encoder, decoder and loss in one graph.</summary>
    public TrainingGraph Whole()
    {
        GraphBuilder g = new("training step");
        return Decoder(g, _network.Embed(g, Ports.Image.In(g)));
    }

    /// <summary>Decoder and loss on the embeddings of an encoder that is not trained.</summary>
    /// <param name="encoder">The encoder's weights.</param>
    public TrainingGraph BehindFrozen(Func<IReadOnlyCollection<Parameter>, FrozenWeights> encoder)
    {
        GraphBuilder e = new("encoder");
        Value embedding = _network.Embed(e, Ports.Image.In(e));
        e.Output(Embedding, embedding);
        GraphBuilder g = new("training step");
        return Decoder(g, new Port<float>(Embedding, embedding.Shape).In(g)) with { Stages = [new Stage(e, encoder(e.Parameters))] };
    }

    // B images · K prompts an image · N = B·K · C×e×e an embedding
    private TrainingGraph Decoder(GraphBuilder g, Value embeddings)
    {
        (Dim c, Dim e) = (embeddings.Shape[1], embeddings.Shape[2]);
        Value each = g.Expand(g.Unsqueeze(embeddings, 1), [_shape.Images, _shape.Prompts, c, e, e]);
        each = g.Reshape(each, [_shape.All, c, e, e]);                                                          // [N, C, e, e]
        (Value points, Value labels, PromptTargets targets) = (Ports.Points.In(g), Ports.Labels.In(g), Ports.TargetsIn(g));
        PromptLoss loss = new(config.Loss);
        List<PromptTerms> passes = [];
        Value? mask = null;
        for (int pass = 0; pass < config.Passes; pass++)
        {
            MaskPrediction answer = _network.Predict(g, each, points, labels, mask);
            passes.Add(loss.Build(g, answer, targets));
            mask = PromptLoss.Chosen(g, answer);                                                                // [N, 1, s, s]
        }

        Value Mean(Func<PromptTerms, Value> term) => g.Mul(passes.Select(term).Aggregate(g.Add), 1f / passes.Count);
        return TrainingGraph.Of(g, Mean(pass => pass.Total), (FocalLoss, Mean(pass => pass.Focal)), (DiceLoss, Mean(pass => pass.Dice)),
            (ScoreLoss, Mean(pass => pass.Score)), (BestIou, Mean(pass => pass.Iou)));
    }
}
