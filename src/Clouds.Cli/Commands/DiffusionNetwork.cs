using Clouds.Graph.Building;
using Clouds.Models.Diffusion;

namespace Clouds.Cli.Commands;

/// <summary>The networks of Stable Diffusion that a command line names, for images of a size.</summary>
internal static class DiffusionNetwork
{
    // Of CLIP's prompts.
    private const int Tokens = 77;

    private const string Denoiser = "sd15_unet", LaterDenoiser = "sd2_unet", Decoder = "sd_vae_decoder", Encoder = "sd_vae_encoder";

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Known { get; } = [Denoiser, LaterDenoiser, Decoder, Encoder];

    /// <summary>Writes one, from its inputs to its output.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="name">One of <see cref="Known"/>.</param>
    /// <param name="batch">Images; guidance asks the denoiser for two at a time.</param>
    /// <param name="height">Rows of the image, a multiple of 32.</param>
    /// <param name="width">Its columns.</param>
    public static void Build(GraphBuilder g, string name, int batch, int height, int width)
    {
        AutoencoderConfig sizes = new();
        Autoencoder autoencoder = new(sizes);
        Value Image(int channels, int stride) => g.Input("image", ElementType.Float, [batch, channels, height / stride, width / stride]);
        g.Output("answer", name switch
        {
            Encoder => autoencoder.Encode(g, Image(3, 1)).Mean,
            Decoder => autoencoder.Decode(g, Image(sizes.Latents, sizes.Stride)),
            _ => Denoise(g, name == Denoiser ? UNetConfig.V1 : UNetConfig.V2, Image(sizes.Latents, sizes.Stride)),
        });
    }

    private static Value Denoise(GraphBuilder g, UNetConfig config, Value latents)
    {
        Dim batch = latents.Shape[0];
        Value time = g.Input("time", ElementType.Float, [batch]), text = g.Input("text", ElementType.Float, [batch, Tokens, config.TextWidth]);
        return new UNet(config).Build(g, latents, time, text);
    }
}
