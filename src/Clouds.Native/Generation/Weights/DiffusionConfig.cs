using Clouds.Graph.Building;
using Clouds.Models.Diffusion;
using Clouds.Models.Diffusion.Sampling;

namespace Clouds.Native.Generation.Weights;

/// <summary>What a checkpoint of Stable Diffusion 1.x or 2.x is, weights aside.</summary>
internal sealed record DiffusionConfig
{
    private const int MostSize = 1 << 16;

    /// <summary>Sizes of the text encoder.</summary>
    public required TextEncoderConfig TextEncoder { get; init; }

    /// <summary>Sizes of the denoiser.</summary>
    public required UNetConfig UNet { get; init; }

    /// <summary>Sizes of the autoencoder, and its scale.</summary>
    public required AutoencoderConfig Autoencoder { get; init; }

    /// <summary>The sampler that the checkpoint names, what its network predicts, and the noise that it was trained on.</summary>
    public required SamplerConfig Sampler { get; init; }

    /// <summary>What the checkpoint asks of its sampler that none here does, so that its images are others; null: nothing.</summary>
    public string? ForeignSampler { get; init; }

    /// <summary>Side in pixels of the images that it was trained on. SD 1.5 and 2-base: 512; SD 2: 768.</summary>
    public required int Side { get; init; }

    /// <summary>Id of the token that fills a prompt up. SD 1.x: the end token again, 49407; SD 2.x: 0.</summary>
    public required int Padding { get; init; }

    /// <summary>Refuses parts that do not belong together, and sizes that no network has.</summary>
    /// <param name="where">The checkpoint.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Weights.</exception>
    public void RequireFit(string where)
    {
        void That(bool fits, string found, string expected) => _ = fits ? true : throw NotStableDiffusion.Of(where, found, expected);
        int[] sizes = [.. UNet.Widths, .. UNet.Heads, .. Autoencoder.Widths, UNet.Blocks, Autoencoder.Blocks, TextEncoder.Layers, TextEncoder.Width];
        That(sizes.All(size => size is >= 1 and <= MostSize), $"sizes {string.Join(", ", sizes)}", $"1 to {MostSize}");
        That(Autoencoder.Latents == UNet.Latents, $"an autoencoder of {Autoencoder.Latents} latents", $"{UNet.Latents}, as the denoiser has");
        That(TextEncoder.Width == UNet.TextWidth, $"a text encoder of width {TextEncoder.Width}", $"{UNet.TextWidth}, which the denoiser reads");
        That(TextEncoder.Width % TextEncoder.Heads == 0, $"{TextEncoder.Heads} heads of a text encoder of width {TextEncoder.Width}", "a divisor");
        That(UNet.Widths.Count is > 1 and <= 8, $"{UNet.Widths.Count} resolutions of the denoiser", "2 to 8");
        That(UNet.Widths.All(width => width % UNet.Groups == 0), $"widths {string.Join(", ", UNet.Widths)} of the denoiser", $"multiples of {UNet.Groups}");
        That(UNet.Widths.Zip(UNet.Heads).All(pair => pair.First % pair.Second == 0),
            $"{string.Join(", ", UNet.Heads)} heads of widths {string.Join(", ", UNet.Widths)}", "divisors");
        AutoencoderWeights.RequireFit(Autoencoder, where);
    }

    /// <summary>What a network's graphs read, whatever the size of its images.</summary>
    /// <param name="part">The network.</param>
    public IReadOnlyCollection<Parameter> ParametersOf(DiffusionPart part)
    {
        GraphBuilder g = new("parameters");
        Value Image(int channels, int side) => g.Input("image", ElementType.Float, [1, channels, side, side]);
        switch (part)
        {
            case DiffusionPart.TextEncoder:
                new TextEncoder(TextEncoder).Build(g, g.Input("tokens", ElementType.Int64, [1, TextEncoder.Context]));
                break;
            case DiffusionPart.UNet:
                Value time = g.Input("time", ElementType.Float, [1]), text = g.Input("text", ElementType.Float, [1, 1, UNet.TextWidth]);
                new UNet(UNet).Build(g, Image(UNet.Latents, 1 << (UNet.Widths.Count - 1)), time, text);
                break;
            default:
                return AutoencoderWeights.ParametersOf(Autoencoder);
        }

        return g.Parameters;
    }
}
