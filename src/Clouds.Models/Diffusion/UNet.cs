using Clouds.Graph.Building;

namespace Clouds.Models.Diffusion;

/// <summary>Sizes of Stable Diffusion's UNet (diffusers: UNet2DConditionModel).</summary>
public sealed record UNetConfig
{
    /// <summary>Channels of the latent image. Stable Diffusion: 4.</summary>
    public int Latents { get; init; } = 4;

    /// <summary>Channels of each resolution, the finest first. Stable Diffusion: 320, 640, 1280, 1280.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [320, 640, 1280, 1280];

    /// <summary>Attention heads of each resolution. SD 1.5: 8 everywhere; SD 2: 5, 10, 20, 20.</summary>
    public IReadOnlyList<int> Heads { get; init; } = [8, 8, 8, 8];

    /// <summary>Resolutions, counted from the finest, that look at the text; the middle always does. Stable Diffusion: all but the coarsest.</summary>
    public int TextResolutions { get; init; } = 3;

    /// <summary>
    /// Resolutions, counted from the finest, that do not, before those that do: attention costs the square of the cells. Stable Diffusion: 0.
    /// </summary>
    public int TextFrom { get; init; }

    /// <summary>Residual blocks of a resolution on the way down; on the way up there is one more. Stable Diffusion: 2.</summary>
    public int Blocks { get; init; } = 2;

    /// <summary>Width of the text's vectors. SD 1.5: 768; SD 2: 1024.</summary>
    public int TextWidth { get; init; } = 768;

    /// <summary>Groups of normalisations. Stable Diffusion: 32.</summary>
    public int Groups { get; init; } = 32;

    /// <summary>Whether transformers project by linear layers. SD 1.5: no; SD 2: yes.</summary>
    public bool LinearProjection { get; init; }

    /// <summary>Whether a resolution, counted from the finest, looks at the text.</summary>
    public bool LooksAtText(int level) => level >= TextFrom && level < TextResolutions;

    /// <summary>Stable Diffusion 1.5 (1.x in general).</summary>
    public static UNetConfig V1 { get; } = new();

    /// <summary>Stable Diffusion 2.x.</summary>
    public static UNetConfig V2 { get; } = new() { Heads = [5, 10, 20, 20], TextWidth = 1024, LinearProjection = true };
}

/// <summary>
/// Stable Diffusion's denoiser (Rombach et al. 2022, latent diffusion; method.md section 5): down, across and up again, with what was seen on the way down
/// beside it, told the time and a text. Parameter names are diffusers'.
/// </summary>
/// <param name="config">Sizes.</param>
public sealed class UNet(UNetConfig config)
{
    private const float Epsilon = 1e-5f;
    private const double LongestPeriod = 10_000;

    private readonly ResidualBlock _residual = new(config.Groups, Epsilon);
    private readonly TextTransformer _transformer = new(config.Groups, config.LinearProjection);

    // N images · c latents · C₀..Cₙ widths · h×w the latent image · L tokens · T their width
    /// <summary>Predicts noise, or v where the checkpoint does.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="latents">[N, c, h, w]; any sides; odd ones are halved upwards.</param>
    /// <param name="time">[N], in steps of training: 0..999, fractions allowed.</param>
    /// <param name="text">[N, L, T].</param>
    /// <returns>[N, c, h, w].</returns>
    public Value Build(GraphBuilder g, Value latents, Value time, Value text)
    {
        Value embedding = Time(g, time);                                                        // [N, 4 C₀]
        Value x = g.Conv(latents, "conv_in", config.Widths[0], 3, pad: 1);                      // [N, C₀, h, w]
        Stack<Value> seen = new([x]);
        for (int level = 0; level < config.Widths.Count; level++)
        {
            x = Down(g, x, level, embedding, text, seen);
        }

        x = Middle(g, x, embedding, text);                                                      // [N, Cₙ, h/2ⁿ, w/2ⁿ]
        for (int level = config.Widths.Count - 1; level >= 0; level--)
        {
            x = Up(g, x, level, embedding, text, seen);
        }

        x = g.Silu(g.GroupNorm(x, "conv_norm_out", config.Groups, Epsilon));
        return g.Conv(x, "conv_out", config.Latents, 3, pad: 1);
    }

    // Cosines, then sines, of frequencies from 1 down to 1 / 10,000.
    private Value Time(GraphBuilder g, Value time)
    {
        int half = config.Widths[0] / 2;
        float[] frequencies = [.. Enumerable.Range(0, half).Select(i => (float)Math.Exp(-Math.Log(LongestPeriod) * i / half))];
        Value angles = g.Mul(g.Unsqueeze(time, 1), g.Constant(frequencies, 1, half));           // [N, C₀/2]
        Value waves = g.Concat(1, g.Cos(angles), g.Sin(angles));
        long width = 4L * config.Widths[0];
        return g.Linear(g.Silu(g.Linear(waves, "time_embedding.linear_1", width)), "time_embedding.linear_2", width);
    }

    private Value Down(GraphBuilder g, Value x, int level, Value time, Value text, Stack<Value> seen)
    {
        string name = $"down_blocks.{level}";
        for (int block = 0; block < config.Blocks; block++)
        {
            x = _residual.Build(g, x, time, config.Widths[level], $"{name}.resnets.{block}");
            x = config.LooksAtText(level) ? _transformer.Build(g, x, text, config.Heads[level], $"{name}.attentions.{block}") : x;
            seen.Push(x);
        }

        if (level < config.Widths.Count - 1)
        {
            x = g.Conv(x, $"{name}.downsamplers.0.conv", config.Widths[level], 3, stride: 2, pad: 1);
            seen.Push(x);
        }

        return x;
    }

    private Value Middle(GraphBuilder g, Value x, Value time, Value text)
    {
        x = _residual.Build(g, x, time, config.Widths[^1], "mid_block.resnets.0");
        x = _transformer.Build(g, x, text, config.Heads[^1], "mid_block.attentions.0");
        return _residual.Build(g, x, time, config.Widths[^1], "mid_block.resnets.1");
    }

    private Value Up(GraphBuilder g, Value x, int level, Value time, Value text, Stack<Value> seen)
    {
        string name = $"up_blocks.{config.Widths.Count - 1 - level}";
        for (int block = 0; block <= config.Blocks; block++)
        {
            x = _residual.Build(g, g.Concat(1, x, seen.Pop()), time, config.Widths[level], $"{name}.resnets.{block}");
            x = config.LooksAtText(level) ? _transformer.Build(g, x, text, config.Heads[level], $"{name}.attentions.{block}") : x;
        }

        if (level > 0)
        {
            x = g.ResizeNearest(x, seen.Peek().Shape[2].Size, seen.Peek().Shape[3].Size);
            x = g.Conv(x, $"{name}.upsamplers.0.conv", config.Widths[level], 3, pad: 1);
        }

        return x;
    }
}
