using Clouds.Graph.Building;
using Clouds.Models.Layers;

namespace Clouds.Models.Diffusion;

/// <summary>Sizes of Stable Diffusion's autoencoder (diffusers: AutoencoderKL).</summary>
public sealed record AutoencoderConfig
{
    /// <summary>Channels of the latent image. Stable Diffusion: 4.</summary>
    public int Latents { get; init; } = 4;

    /// <summary>Channels of each resolution, the finest first; each but the last halves the sides. Stable Diffusion: 128, 256, 512, 512.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [128, 256, 512, 512];

    /// <summary>Residual blocks of a resolution in the encoder; the decoder has one more. Stable Diffusion: 2.</summary>
    public int Blocks { get; init; } = 2;

    /// <summary>Groups of normalisations. Stable Diffusion: 32.</summary>
    public int Groups { get; init; } = 32;

    /// <summary>What latent images are multiplied with for the UNet. Stable Diffusion: 0.18215.</summary>
    public double Scale { get; init; } = 0.18215;

    /// <summary>Pixels of the image a latent cell is wide: 2 for each resolution but the last. Stable Diffusion: 8.</summary>
    public int Stride => 1 << (Widths.Count - 1);
}

/// <summary>What the encoder says of an image: a normal distribution of latents [N, c, h/s, w/s] by mean and logarithm of the variance.</summary>
/// <param name="Mean">Mean.</param>
/// <param name="LogVariance">Logarithm of the variance, in -30..20.</param>
public sealed record LatentDistribution(Value Mean, Value LogVariance);

/// <summary>
/// Stable Diffusion's variational autoencoder (Rombach et al. 2022; method.md section 5): images in -1..1 become latent images of an eighth of the side and
/// back. Parameter names are diffusers'.
/// </summary>
/// <param name="config">Sizes.</param>
public sealed class Autoencoder(AutoencoderConfig config)
{
    private const float Epsilon = 1e-6f;
    private const float LowestLogVariance = -30, HighestLogVariance = 20;

    private readonly ResidualBlock _residual = new(config.Groups, Epsilon);

    // N images · C₀..Cₙ widths · H×W pixels · c latents · s = stride · h = H/s · w = W/s
    /// <summary>An image's distribution of latents, not scaled.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="image">[N, 3, H, W] in -1..1; H and W multiples of the stride.</param>
    public LatentDistribution Encode(GraphBuilder g, Value image)
    {
        IReadOnlyList<Value> moments = g.Split(g.Conv(Contract(g, image), "quant_conv", 2 * config.Latents, 1), 1, config.Latents, config.Latents);
        return new LatentDistribution(moments[0], g.Clip(moments[1], LowestLogVariance, HighestLogVariance));
    }

    /// <summary>The image of latents [N, c, h, w] that are not scaled: [N, 3, H, W], about -1..1.</summary>
    public Value Decode(GraphBuilder g, Value latents) => Expand(g, g.Conv(latents, "post_quant_conv", config.Latents, 1));

    /// <summary>An image about -1..1 as 0..1, cut off there.</summary>
    public static Value Shown(GraphBuilder g, Value image) => g.Clip(g.Add(g.Mul(image, 0.5f), 0.5f), 0, 1);

    /// <summary>The pixels [N, H, W, 3] of an image [N, 3, H, W] in 0..1: bytes, halves rounded to even ones.</summary>
    public static Value Pixels(GraphBuilder g, Value shown)
    {
        Value levels = g.Mul(shown, 255f);
        return g.Transpose(g.Cast(g.Emit("Round", [levels], levels.Type, levels.Shape), ElementType.UInt8), 0, 2, 3, 1);
    }

    private Value Contract(GraphBuilder g, Value image)
    {
        using IDisposable scope = g.Scope("encoder");
        Value x = g.Conv(image, "conv_in", config.Widths[0], 3, pad: 1);                                        // [N, C₀, H, W]
        for (int level = 0; level < config.Widths.Count; level++)
        {
            x = Blocks(g, x, level, config.Blocks, $"down_blocks.{level}");
            x = level == config.Widths.Count - 1 ? x : Halve(g, x, $"down_blocks.{level}.downsamplers.0.conv");
        }

        return End(g, Middle(g, x), 2 * config.Latents);                                                        // [N, 2 c, h, w]
    }

    private Value Expand(GraphBuilder g, Value x)
    {
        using IDisposable scope = g.Scope("decoder");
        x = Middle(g, g.Conv(x, "conv_in", config.Widths[^1], 3, pad: 1));                                      // [N, Cₙ, h, w]
        for (int level = config.Widths.Count - 1; level >= 0; level--)
        {
            string name = $"up_blocks.{config.Widths.Count - 1 - level}";
            x = Blocks(g, x, level, config.Blocks + 1, name);
            x = level == 0 ? x : Double(g, x, $"{name}.upsamplers.0.conv");
        }

        return End(g, x, 3);                                                                                    // [N, 3, H, W]
    }

    private Value Blocks(GraphBuilder g, Value x, int level, int count, string name) => Enumerable.Range(0, count)
        .Aggregate(x, (y, block) => _residual.Build(g, y, time: null, config.Widths[level], $"{name}.resnets.{block}"));

    private Value Middle(GraphBuilder g, Value x)
    {
        x = _residual.Build(g, x, time: null, config.Widths[^1], "mid_block.resnets.0");
        x = g.Add(x, Attention(g, x, "mid_block.attentions.0"));
        return _residual.Build(g, x, time: null, config.Widths[^1], "mid_block.resnets.1");
    }

    private Value Attention(GraphBuilder g, Value map, string name)
    {
        Shape cells = [map.Shape[0], map.Shape[2], map.Shape[3], map.Shape[1]];
        long width = map.Shape[1].Size;
        Value normalised = g.GroupNorm(map, $"{name}.group_norm", config.Groups, Epsilon);
        Value rows = g.Reshape(g.Transpose(normalised, 0, 2, 3, 1), [cells[0], cells[1].Size * cells[2].Size, width]);
        Value query = g.Linear(rows, $"{name}.to_q", width), key = g.Linear(rows, $"{name}.to_k", width), value = g.Linear(rows, $"{name}.to_v", width);
        Value mixed = g.Linear(new SlicedAttention(heads: 1).Build(g, query, key, value), $"{name}.to_out.0", width);
        return g.Transpose(g.Reshape(mixed, cells), 0, 3, 1, 2);
    }

    // One row below and one column to the right are zeros, and none above and to the left.
    private static Value Halve(GraphBuilder g, Value x, string name) =>
        g.Conv(g.Pad(x, [0, 0, 0, 0], [0, 0, 1, 1]), name, x.Shape[1].Size, 3, stride: 2);

    private static Value Double(GraphBuilder g, Value x, string name) =>
        g.Conv(g.ResizeNearest(x, 2 * x.Shape[2].Size, 2 * x.Shape[3].Size), name, x.Shape[1].Size, 3, pad: 1);

    private Value End(GraphBuilder g, Value x, int channels) =>
        g.Conv(g.Silu(g.GroupNorm(x, "conv_norm_out", config.Groups, Epsilon)), "conv_out", channels, 3, pad: 1);
}
