using Clouds.Graph.Weights;
using Clouds.Models.Diffusion;
using Clouds.Models.Diffusion.Sampling;

namespace Clouds.Native.Generation.Weights;

/// <summary>Sizes of the networks of a checkpoint that has no configurations, from the extents of its tensors under our names.</summary>
internal static class SingleFileSizes
{
    /// <summary>Side of the images that networks which predict noise were trained on.</summary>
    public const int Side = 512;

    /// <summary>Side of the images that networks which predict v were trained on.</summary>
    public const int LargeSide = 768;

    private const string Unet = "unet.";
    private const string Vae = "vae.";
    private const string Text = "text_encoder.text_model.";

    // Of Stable Diffusion 1.x; no tensor tells.
    private const int Heads = 8;

    // SD 2.x reads the text before OpenCLIP's last layer.
    private const int UnreadLayers = 1;

    /// <summary>What the extents tell.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="shapes">Its tensors.</param>
    /// <param name="headWidth">Width of a head of SD 2.x and of both text encoders.</param>
    public static DiffusionConfig Of(string path, TensorShapes shapes, int headWidth)
    {
        int channels = shapes.Extent($"{Unet}conv_in.weight", 1, 0);
        if (channels != 4)
        {
            throw NotStableDiffusion.Of(path, $"a denoiser of {channels} input channels: inpainting has 9, editing by instructions 8, depth 5", "4");
        }

        UNetConfig unet = Denoiser(shapes, headWidth);
        return new DiffusionConfig
        {
            TextEncoder = TextEncoder(shapes, headWidth, unet.LinearProjection),
            UNet = unet,
            Autoencoder = new AutoencoderConfig { Widths = Widths(shapes, $"{Vae}encoder."), Blocks = Blocks(shapes, $"{Vae}encoder.") },
            Sampler = new SamplerConfig { Kind = unet.LinearProjection ? SamplerKind.Euler : SamplerKind.Pndm },
            Side = Side,
            Padding = unet.LinearProjection ? 0 : Tokenizers.ClipTokenizer.Default.End,
        };
    }

    private static UNetConfig Denoiser(TensorShapes shapes, int headWidth)
    {
        // Traced graphs have no names for matrices of linear layers, nor for group normalisations.
        const string Middle = $"{Unet}mid_block.attentions.0.";
        int[] widths = Widths(shapes, Unet);
        bool linear = shapes.Extent($"{Middle}proj_in.weight", 2, 0) == 0;
        return new UNetConfig
        {
            Widths = widths,
            Heads = [.. widths.Select(width => linear ? Math.Max(1, width / headWidth) : Heads)],
            TextResolutions = shapes.Count($"{Unet}down_blocks.*.attentions.0.proj_in.bias"),
            Blocks = Blocks(shapes, Unet),
            TextWidth = shapes.Extent($"{Middle}transformer_blocks.0.attn2.to_k.weight", 1, shapes.Extent($"{Text}embeddings.token_embedding.weight", 1, 0)),
            LinearProjection = linear,
        };
    }

    private static TextEncoderConfig TextEncoder(TensorShapes shapes, int headWidth, bool openClip)
    {
        int width = shapes.Extent($"{Text}embeddings.token_embedding.weight", 1, 0);
        bool whole = shapes.Has($"{Text}encoder.layers.0.{SingleFileParts.Fused}weight");
        return new TextEncoderConfig
        {
            Width = width,
            Heads = Math.Max(1, width / headWidth),
            Layers = shapes.Count($"{Text}encoder.layers.*.layer_norm1.weight") - (whole ? UnreadLayers : 0),
            Context = shapes.Extent($"{Text}embeddings.position_embedding.weight", 0, 77),
            Vocabulary = shapes.Extent($"{Text}embeddings.token_embedding.weight", 0, 49408),
            QuickGelu = !openClip,
        };
    }

    private static int[] Widths(TensorShapes shapes, string scope) =>
    [
        .. Enumerable.Range(0, shapes.Count($"{scope}down_blocks.*.resnets.0.conv1.weight"))
            .Select(level => shapes.Extent($"{scope}down_blocks.{level}.resnets.0.conv1.weight", 0, 0)),
    ];

    private static int Blocks(TensorShapes shapes, string scope) => shapes.Count($"{scope}down_blocks.0.resnets.*.conv1.weight");
}
