using Clouds.Graph.Building;
using Clouds.Models.Diffusion;
using Clouds.Training.Engine;

namespace Clouds.Training.Diffusion;

/// <summary>One training step of the autoencoder as a graph: encode, draw latents, decode, compare.</summary>
/// <param name="config">Settings.</param>
public sealed class AutoencoderGraph(AutoencoderTrainingConfig config)
{
    /// <summary>Measure: mean absolute error, of values in -1..1.</summary>
    public const string AbsoluteError = "absoluteError";

    /// <summary>Measure: mean squared error.</summary>
    public const string SquareError = "squareError";

    /// <summary>Measure: divergence from the normal distribution, of an image's latents together.</summary>
    public const string Divergence = "divergence";

    private readonly Autoencoder _network = new(config.Network);

    /// <summary>float [N, 3, H, W] in -1..1.</summary>
    public Port<float> Image { get; } = new("image", [config.Batch, 3, config.Height, config.Width]);

    /// <summary>float [N, c, h, w], drawn from the standard normal distribution.</summary>
    public Port<float> Noise { get; } = new(
        "noise", [config.Batch, config.Network.Latents, config.Height / config.Network.Stride, config.Width / config.Network.Stride]);

    /// <summary>The step.</summary>
    public TrainingGraph Build()
    {
        GraphBuilder g = new("training step");
        AutoencoderTerms terms = Loss(g);
        return TrainingGraph.Of(
            g, terms.Total, (AbsoluteError, terms.Absolute), (SquareError, g.Detach(terms.Square)), (Divergence, terms.Divergence));
    }

    /// <summary>Encode, draw latents, decode, compare.</summary>
    public AutoencoderTerms Loss(GraphBuilder g)
    {
        Value image = Image.In(g);                                                                              // [N, 3, H, W]
        LatentDistribution latents = Known(g, _network.Encode(g, image));                                       // [N, c, h, w]
        Value answer = _network.Decode(g, AutoencoderLoss.Sample(g, latents, Noise.In(g)));                     // [N, 3, H, W]
        return new AutoencoderLoss(config).Build(g, image, latents, answer);
    }

    /// <summary>Whether a parameter belongs to the encoder, by its published name.</summary>
    internal static bool IsOfEncoder(Parameter parameter) =>
        parameter.Name.StartsWith("encoder.", StringComparison.Ordinal) || parameter.Name.StartsWith("quant_conv.", StringComparison.Ordinal);

    private LatentDistribution Known(GraphBuilder g, LatentDistribution latents) =>
        config.TrainEncoder ? latents : new LatentDistribution(g.Detach(latents.Mean), g.Detach(latents.LogVariance));
}
