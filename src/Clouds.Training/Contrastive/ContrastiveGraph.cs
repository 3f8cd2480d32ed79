using Clouds.Graph.Building;
using Clouds.Models.Clip;
using Clouds.Models.Encoders;
using Clouds.Training.Engine;

namespace Clouds.Training.Contrastive;

/// <summary>One training step of a CLIP as a graph: both towers, then the loss over all pairs of the batch. Parameter names are OpenCLIP's.</summary>
/// <param name="config">Settings.</param>
public sealed class ContrastiveGraph(ContrastiveTrainingConfig config)
{
    /// <summary>Measure: share of the images whose own text is found.</summary>
    public const string Found = "found";

    /// <summary>Measure: scale of the similarities.</summary>
    public const string Scale = "scale";

    /// <summary>Name of the parameter that holds the scale's logarithm.</summary>
    public const string LogScale = "logit_scale";

    /// <summary>float [B, 3, H, W], normalised as CLIP's images are.</summary>
    public Port<float> Image { get; } = new("image", [config.Batch, 3, config.Height, config.Width]);

    /// <summary>int64 [B, L]: the captions; L is the context.</summary>
    public Port<long> Tokens { get; } = new("tokens", [config.Batch, config.Text.Context]);

    /// <summary>float [B, B], as <see cref="ContrastiveLoss.Build"/> wants them.</summary>
    public Port<float> Partners { get; } = new("partners", [config.Batch, config.Batch]);

    /// <summary>The step.</summary>
    public TrainingGraph Build()
    {
        GraphBuilder g = new("training step");
        ContrastiveTerms terms = Loss(g);
        return TrainingGraph.Of(g, terms.Total, (Found, terms.Found), (Scale, terms.Scale));
    }

    /// <summary>Embed images and texts, tell the pairs apart.</summary>
    public ContrastiveTerms Loss(GraphBuilder g)
    {
        Value images = Images(g, Image.In(g));                                                                  // [B, E]
        Value texts = new ClipText(config.Text, config.Image.Embedding).Build(g, Tokens.In(g));                 // [B, E]
        Value logScale = g.Parameter(LogScale, [], Initialize.Constant((float)Math.Log(config.StartScale)));
        return new ContrastiveLoss(config.LargestScale).Build(g, images, texts, logScale, Partners.In(g));
    }

    private Value Images(GraphBuilder g, Value image)
    {
        Pyramid features = new ConvNeXt(config.Image, trainable: true).Build(g, image);
        return ConvNeXt.Embed(g, g.GlobalAveragePool(features.C5), config.Image.Embedding);
    }
}
