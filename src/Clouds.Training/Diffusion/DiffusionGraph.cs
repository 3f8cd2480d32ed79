using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Diffusion;
using Clouds.Models.Diffusion.Sampling;
using Clouds.Training.Engine;

namespace Clouds.Training.Diffusion;

/// <summary>
/// One training step of a denoiser as graphs: the frozen autoencoder, asked for one image at a time; the frozen text encoder; noise, denoiser and loss.
/// </summary>
/// <param name="config">Settings.</param>
public sealed class DiffusionGraph(DiffusionTrainingConfig config)
{
    /// <summary>Name of the stage that encodes an image.</summary>
    public const string Encoder = "autoencoder";

    private const string TextStage = "text encoder";

    private readonly Shape _latent = [
        config.Autoencoder.Latents, config.Height / config.Autoencoder.Stride, config.Width / config.Autoencoder.Stride];

    /// <summary>float [1, 3, H, W] in -1..1: the image that is encoded.</summary>
    public Port<float> Image { get; } = new("image", [1, 3, config.Height, config.Width]);

    /// <summary>float [1, c, h, w], which the stage gives: mean of the image's latents, not scaled.</summary>
    public Port<float> Mean => new("latents.mean", [1, .. _latent]);

    /// <summary>float [1, c, h, w], which the stage gives: logarithm of their variance.</summary>
    public Port<float> LogVariance => new("latents.logVariance", [1, .. _latent]);

    /// <summary>int64 [N, L]: the captions.</summary>
    public Port<long> Tokens { get; } = new("tokens", [config.Batch, config.Text.Context]);

    /// <summary>float [N, c, h, w]: latents of the images, scaled.</summary>
    public Port<float> Latents => new("latents", [config.Batch, .. _latent]);

    /// <summary>float [N, c, h, w], drawn from the standard normal distribution.</summary>
    public Port<float> Noise => new("noise", [config.Batch, .. _latent]);

    /// <summary>int64 [N]: times, 0 .. times of training - 1.</summary>
    public Port<long> Times { get; } = new("times", [config.Batch]);

    private Port<float> Text => new("text", [config.Batch, config.Text.Context, config.Text.Width]);

    /// <summary>The step.</summary>
    /// <param name="weights">Opens the weights of frozen networks: from a file, for these parameters.</param>
    public TrainingGraph Build(Func<string, IReadOnlyCollection<Parameter>, FrozenWeights> weights)
    {
        GraphBuilder g = new("training step");
        return TrainingGraph.Of(g, Loss(g)) with { Stages = Stages(weights) };
    }

    /// <summary>Noise the latents, ask the denoiser, compare.</summary>
    public Value Loss(GraphBuilder g)
    {
        NoisePredictionLoss loss = new(new NoiseSchedule(config.Times, config.FirstVariance, config.LastVariance), config.Prediction);
        Value times = Times.In(g);                                                                              // [N]
        NoisyLatents noised = loss.Noise(g, Latents.In(g), Noise.In(g), times);                                 // [N, c, h, w]
        Value answer = new UNet(config.Network).Build(g, noised.Noisy, g.Cast(times, ElementType.Float), Text.In(g));
        return NoisePredictionLoss.Error(g, answer, noised.Target);
    }

    private Stage[] Stages(Func<string, IReadOnlyCollection<Parameter>, FrozenWeights> weights)
    {
        GraphBuilder e = new(Encoder);
        LatentDistribution latents = new Autoencoder(config.Autoencoder).Encode(e, Image.In(e));
        e.Output(Mean.Name, latents.Mean);
        e.Output(LogVariance.Name, latents.LogVariance);
        GraphBuilder t = new(TextStage);
        t.Output(Text.Name, new TextEncoder(config.Text).Build(t, Tokens.In(t)));
        FrozenWeights images = weights(config.AutoencoderWeights, e.Parameters);
        try
        {
            return [new Stage(e, images) { OnDemand = true }, new Stage(t, weights(config.TextWeights, t.Parameters))];
        }
        catch
        {
            images.Dispose();
            throw;
        }
    }
}
