using Clouds.Graph.Building;
using Clouds.Graph.Settings;
using Clouds.Graph.Weights;
using Clouds.Models.Layers;

namespace Clouds.Models.Encoders;

/// <summary>Sizes of a ConvNeXt (method.md section 1.2.1).</summary>
public sealed record ConvNeXtConfig : EncoderConfig
{
    /// <summary>The kind's name in settings and files.</summary>
    public const string Kind = "convnext";

    /// <summary>Blocks in each of the four stages. OpenCLIP convnext_large_d_320: 3, 3, 27, 3.</summary>
    [Setting(Unit = "blocks", Min = 1, Source = "OpenCLIP convnext_large_d_320: 3, 3, 27, 3")]
    public IReadOnlyList<int> Depths { get; init; } = [3, 3, 27, 3];

    /// <summary>Channels of each stage. OpenCLIP convnext_large_d_320: 192, 384, 768, 1536.</summary>
    [Setting(Unit = "channels", Min = 1, Source = "OpenCLIP convnext_large_d_320: 192, 384, 768, 1536")]
    public IReadOnlyList<int> Widths { get; init; } = [192, 384, 768, 1536];

    /// <summary>Width of the embedding that images and texts share. OpenCLIP convnext_large_d_320: 768.</summary>
    [Setting(Unit = "channels", Min = 1, Source = "OpenCLIP convnext_large_d_320: 768")]
    public int Embedding { get; init; } = 768;

    /// <summary>Start value of each block's gamma. timm: 1e-6; a net that learns from scratch in a few hundred steps wants more.</summary>
    [Setting(Min = 0, Source = "timm: 1e-6")]
    public double LayerScale { get; init; } = 1e-6;

    /// <summary>The encoder of the paper's main rows.</summary>
    public static ConvNeXtConfig Large { get; } = new();

    /// <summary>2.29 million parameters with its decoder: learns from scratch on a CPU (method.md section 3.6).</summary>
    public static ConvNeXtConfig Small { get; } = new() { Depths = [2, 2, 4, 2], Widths = [32, 64, 128, 256], LayerScale = 1 };

    /// <inheritdoc/>
    public override IEncoder Create(bool trainable = false) => new ConvNeXt(this, trainable);

    /// <inheritdoc/>
    public override (string Key, string Found, string Expected)? Misfit() =>
        Depths.Count != 4 || Depths.Any(depth => depth < 1) ? ("depths", $"[{string.Join(", ", Depths)}]", "4 numbers of blocks, each at least 1")
        : Widths.Count != 4 || Widths.Any(width => width < 1) ? ("widths", $"[{string.Join(", ", Widths)}]", "4 numbers of channels, each at least 1")
        : null;

    internal static ConvNeXtConfig? FindIn(TensorShapes shapes)
    {
        const string Visual = "backbone.clip_model.visual";
        IEnumerable<string> stages = Enumerable.Range(0, 4).Select(stage => $"{Visual}.trunk.stages.{stage}.blocks");
        return !shapes.Has($"{Visual}.trunk.stem.0.weight") ? null : new()
        {
            Depths = [.. stages.Select(blocks => shapes.Count($"{blocks}.*.conv_dw.weight"))],
            Widths = [.. stages.Select(blocks => shapes.Extent($"{blocks}.0.conv_dw.weight", 0, 0))],
            Embedding = shapes.Extent($"{Visual}.head.mlp.fc2.weight", 0, Large.Embedding),
        };
    }
}

/// <summary>
/// The CLIP image encoder: timm's ConvNeXt inside OpenCLIP (Liu et al. 2022; method.md section 1.2.1). Parameter names are those of
/// OpenCLIP's state dict from "visual." on.
/// </summary>
/// <param name="config">Depths and widths.</param>
/// <param name="trainable">Whether gradients are wanted.</param>
public sealed class ConvNeXt(ConvNeXtConfig config, bool trainable = false) : IClipEncoder
{
    private const float Epsilon = 1e-6f;

    /// <inheritdoc/>
    public string Scope => "backbone.clip_model";

    /// <inheritdoc/>
    public IReadOnlyList<FeatureLevel> Levels { get; } = [.. config.Widths.Select((width, stage) => new FeatureLevel($"res{stage + 2}", 4 << stage, width))];

    /// <inheritdoc/>
    public ColourStatistics Colours => ColourStatistics.Clip;

    /// <inheritdoc/>
    public bool Trainable => trainable;

    /// <inheritdoc/>
    public int Embedding => config.Embedding;

    /// <inheritdoc/>
    public bool PoolsByAttention => false;

    /// <inheritdoc/>
    public bool QuickGelu => false;

    // N batch · H×W input pixels, multiples of 32 · C = config.Widths[stage]
    /// <inheritdoc/>
    /// <returns>The raw outputs of the four stages.</returns>
    public Pyramid Build(GraphBuilder g, Value image)
    {
        Value x = Stem(g, image);                                       // [N, C, H/4, W/4]
        Value c2 = Stage(g, x, 0);                                      // [N, C, H/4, W/4]
        Value c3 = Stage(g, c2, 1);                                     // [N, C, H/8, W/8]
        Value c4 = Stage(g, c3, 2);                                     // [N, C, H/16, W/16]
        Value c5 = Stage(g, c4, 3);                                     // [N, C, H/32, W/32]
        return new Pyramid(c2, c3, c4, c5);
    }

    /// <summary>Patches of 4 x 4 pixels, normalised over channels.</summary>
    public Value Stem(GraphBuilder g, Value image)
    {
        Value patches = g.Conv(image, "visual.trunk.stem.0", config.Widths[0], kernel: 4, stride: 4, weight: Weights, bias: Initialize.Zeros);
        return ChannelNorm.Of(g, patches, "visual.trunk.stem.1", Epsilon); // [N, C, H/4, W/4]
    }

    /// <summary>
    /// CLIP's visual head on pooled features [..., C5]: layer norm and a two-layer MLP, hidden width 2 E (method.md section 1.6). The result [..., E] is the
    /// image embedding, not normalised.
    /// </summary>
    public static Value Embed(GraphBuilder g, Value pooled, long embedding)
    {
        Value x = g.LayerNorm(pooled, "visual.trunk.head.norm", Epsilon);
        x = g.Gelu(g.Linear(x, "visual.head.mlp.fc1", 2 * embedding));
        return g.Linear(x, "visual.head.mlp.fc2", embedding, useBias: false);
    }

    /// <inheritdoc/>
    public Value EmbedMasks(GraphBuilder g, Value c5, Value inside)
    {
        Value flat = g.Reshape(inside, [inside.Shape[0], inside.Shape[1], inside.Shape[2] * inside.Shape[3]]);
        return Embed(g, MaskPooling.Mean(g, c5, flat), config.Embedding);
    }

    private static Initializer Weights => Initialize.TruncatedNormal(0.02);

    private Value Stage(GraphBuilder g, Value x, int stage)
    {
        string name = $"visual.trunk.stages.{stage}";
        if (stage > 0)
        {
            x = ChannelNorm.Of(g, x, $"{name}.downsample.0", Epsilon);
            x = g.Conv(x, $"{name}.downsample.1", config.Widths[stage], kernel: 2, stride: 2, weight: Weights, bias: Initialize.Zeros);
        }

        for (int block = 0; block < config.Depths[stage]; block++)
        {
            x = Block(g, x, $"{name}.blocks.{block}");
        }

        return x;
    }

    private Value Block(GraphBuilder g, Value x, string name)
    {
        long width = x.Shape[1].Size;
        string depthwise = $"{name}.conv_dw";
        Value y = trainable
            ? g.DepthwiseConv(x, depthwise, kernel: 7, Weights, Initialize.Zeros)
            : g.Conv(x, depthwise, width, kernel: 7, pad: 3, group: width, weight: Weights, bias: Initialize.Zeros);
        y = g.Transpose(y, 0, 2, 3, 1);                                 // [N, h, w, C]
        y = g.LayerNorm(y, $"{name}.norm", Epsilon);
        y = g.Gelu(g.Linear(y, $"{name}.mlp.fc1", 4 * width, Weights, Initialize.Zeros));
        y = g.Linear(y, $"{name}.mlp.fc2", width, Weights, Initialize.Zeros);
        y = g.Mul(y, g.Parameter($"{name}.gamma", [width], Initialize.Constant((float)config.LayerScale)));
        return g.Add(x, g.Transpose(y, 0, 3, 1, 2));                    // [N, C, h, w]
    }
}
