using Clouds.Graph.Building;
using Clouds.Models.Diffusion;

namespace Clouds.Training.Diffusion;

/// <summary>What an autoencoder's step costs.</summary>
/// <param name="Total">The weighted loss, a scalar.</param>
/// <param name="Absolute">Mean absolute error over the images' values, a scalar.</param>
/// <param name="Square">Mean squared error, a scalar.</param>
/// <param name="Divergence">KL divergence from the standard normal distribution, summed over an image's latents, mean over images, a scalar.</param>
public sealed record AutoencoderTerms(Value Total, Value Absolute, Value Square, Value Divergence);

/// <summary>
/// The autoencoder's loss as graph nodes: how far the answer is from the image, and how far its latents are from standard normal (Rombach et al. 2022,
/// appendix G). Theirs is the sum over an image's values; this is their mean, so the divergence is divided by their number too, and the proportion is theirs.
/// </summary>
/// <param name="config">Weights.</param>
public sealed class AutoencoderLoss(AutoencoderTrainingConfig config)
{
    // N images · V = 3·H·W values of an image
    /// <summary>The loss of a batch.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="image">[N, 3, H, W] in -1..1.</param>
    /// <param name="latents">What the encoder says of them.</param>
    /// <param name="answer">[N, 3, H, W], what the decoder makes of latents drawn from that.</param>
    public AutoencoderTerms Build(GraphBuilder g, Value image, LatentDistribution latents, Value answer)
    {
        long images = image.Shape[0].Size, values = image.Shape.ElementCount / images;
        Value error = g.Sub(answer, image);                                                                     // [N, 3, H, W]
        Value absolute = Mean(g, g.Abs(error)), square = Mean(g, g.Square(error));
        Value divergence = g.Mul(g.SumAll(Divergence(g, latents)), 1f / images);
        Value total = g.Mul(divergence, (float)(config.DivergenceWeight / values));
        Value Weighted(Value sum, double weight, Func<Value> term) => weight == 0 ? sum : g.Add(sum, g.Mul(term(), (float)weight));
        total = Weighted(total, config.AbsoluteWeight, () => absolute);
        total = Weighted(total, config.SquareWeight, () => square);
        total = Weighted(total, config.EdgeWeight, () => Edges(g, error));
        return new AutoencoderTerms(total, absolute, square, divergence);
    }

    /// <summary>Latents drawn from a distribution: mean + deviation · noise.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="latents">[N, c, h, w].</param>
    /// <param name="noise">The same, drawn from the standard normal distribution.</param>
    public static Value Sample(GraphBuilder g, LatentDistribution latents, Value noise) =>
        g.Add(latents.Mean, g.Mul(g.Exp(g.Mul(latents.LogVariance, 0.5f)), noise));

    // ½ (μ² + σ² - 1 - log σ²), for each latent
    private static Value Divergence(GraphBuilder g, LatentDistribution latents)
    {
        Value spread = g.Sub(g.Add(g.Exp(latents.LogVariance), -1f), latents.LogVariance);
        return g.Mul(g.Add(g.Square(latents.Mean), spread), 0.5f);
    }

    // An error that is the same all over moves no edge.
    private static Value Edges(GraphBuilder g, Value error)
    {
        Value Steps(int axis)
        {
            long size = error.Shape[axis].Size;
            return Mean(g, g.Abs(g.Sub(g.Slice(error, axis, 1, size), g.Slice(error, axis, 0, size - 1))));
        }

        return g.Add(Steps(2), Steps(3));
    }

    private static Value Mean(GraphBuilder g, Value x) => g.Mul(g.SumAll(x), 1f / x.Shape.ElementCount);
}
