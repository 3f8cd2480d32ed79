using Clouds.Graph.Building;
using Clouds.Graph.Settings;
using Clouds.Graph.Weights;
using Clouds.Models.Layers;

namespace Clouds.Models.Encoders;

/// <summary>Sizes of a Mix Transformer (method.md section 1.2.4).</summary>
public sealed record MixTransformerConfig : EncoderConfig
{
    /// <summary>The kind's name in settings and files.</summary>
    public const string Kind = "mix_transformer";

    /// <summary>Blocks in each of the four stages. MiT-B5: 3, 6, 40, 3.</summary>
    [Setting(Unit = "blocks", Min = 1, Source = "SegFormer MiT-B5: 3, 6, 40, 3")]
    public IReadOnlyList<int> Depths { get; init; } = [3, 6, 40, 3];

    /// <summary>Channels of each stage. MiT-B1 to B5: 64, 128, 320, 512.</summary>
    [Setting(Unit = "channels", Min = 1, Source = "SegFormer MiT-B5: 64, 128, 320, 512")]
    public IReadOnlyList<int> Widths { get; init; } = [64, 128, 320, 512];

    /// <summary>Attention heads of each stage. SegFormer: 1, 2, 5, 8.</summary>
    [Setting(Unit = "heads", Min = 1, Source = "SegFormer: 1, 2, 5, 8")]
    public IReadOnlyList<int> Heads { get; init; } = [1, 2, 5, 8];

    /// <summary>Side of the windows that become one key in each stage; 1: every position is a key. SegFormer: 8, 4, 2, 1.</summary>
    [Setting(Unit = "positions", Min = 1, Source = "SegFormer: 8, 4, 2, 1")]
    public IReadOnlyList<int> Reductions { get; init; } = [8, 4, 2, 1];

    /// <summary>Hidden width of each stage's feed-forward networks as a multiple of the stage's. SegFormer: 4.</summary>
    [Setting(Min = 1, Source = "SegFormer: 4")]
    public IReadOnlyList<int> FeedForward { get; init; } = [4, 4, 4, 4];

    /// <summary>MiT-B5.</summary>
    public static MixTransformerConfig B5 { get; } = new();

    /// <inheritdoc/>
    public override IEncoder Create(bool trainable = false) => new MixTransformer(this, trainable);

    /// <inheritdoc/>
    public override (string Key, string Found, string Expected)? Misfit()
    {
        (string Key, IReadOnlyList<int> Numbers)[] lists =
            [("depths", Depths), ("widths", Widths), ("heads", Heads), ("reductions", Reductions), ("feedForward", FeedForward)];
        (string key, IReadOnlyList<int>? numbers) = lists.FirstOrDefault(list => list.Numbers.Count != 4 || list.Numbers.Any(number => number < 1));
        return numbers is not null ? (key, $"[{string.Join(", ", numbers)}]", "4 numbers, each at least 1")
            : Enumerable.Range(0, 4).Any(stage => Widths[stage] % Heads[stage] != 0)
                ? ("heads", $"[{string.Join(", ", Heads)}]", $"divisors of the widths [{string.Join(", ", Widths)}]")
            : null;
    }

    // Heads leave no trace in the tensors; all of SegFormer's have the same.
    internal static MixTransformerConfig? FindIn(TensorShapes shapes)
    {
        IEnumerable<string> stages = Enumerable.Range(1, 4).Select(stage => $"backbone.block{stage}");
        int[] widths = [.. stages.Select(stage => shapes.Extent($"{stage}.0.attn.q.weight", 0, 0))];
        return widths[0] == 0 ? null : new()
        {
            Depths = [.. stages.Select(stage => shapes.Count($"{stage}.*.attn.q.weight"))],
            Widths = widths,
            Reductions = [.. stages.Select(stage => shapes.Extent($"{stage}.0.attn.sr.weight", 2, 1))],
            FeedForward = [.. stages.Select((stage, i) => shapes.Extent($"{stage}.0.mlp.fc1.weight", 0, 0) / Math.Max(1, widths[i]))],
        };
    }
}

/// <summary>
/// SegFormer's encoder, the Mix Transformer (Xie et al. 2021; method.md section 1.2.4): overlapping patches, attention to a reduced map, and a depthwise
/// convolution in the feed-forward network instead of positions. Parameter names are those of SegFormer's ImageNet files.
/// </summary>
/// <param name="config">Sizes.</param>
/// <param name="trainable">Whether gradients are wanted.</param>
public sealed class MixTransformer(MixTransformerConfig config, bool trainable = false) : IEncoder
{
    // Blocks and stages divide by a smaller epsilon than patches and reductions.
    private const float BlockEpsilon = 1e-6f, PatchEpsilon = 1e-5f;

    /// <inheritdoc/>
    public string Scope => "backbone";

    /// <inheritdoc/>
    public IReadOnlyList<FeatureLevel> Levels { get; } = [.. config.Widths.Select((width, stage) => new FeatureLevel($"res{stage + 2}", 4 << stage, width))];

    /// <inheritdoc/>
    public ColourStatistics Colours => ColourStatistics.ImageNet;

    /// <inheritdoc/>
    public bool Trainable => trainable;

    // N batch · H×W input pixels · C = config.Widths[stage] · h×w the stage's map
    /// <inheritdoc/>
    /// <returns>The normalised outputs of the four stages.</returns>
    public Pyramid Build(GraphBuilder g, Value image)
    {
        Value c2 = Stage(g, image, 0);                                  // [N, C, H/4, W/4]
        Value c3 = Stage(g, c2, 1);                                     // [N, C, H/8, W/8]
        Value c4 = Stage(g, c3, 2);                                     // [N, C, H/16, W/16]
        Value c5 = Stage(g, c4, 3);                                     // [N, C, H/32, W/32]
        return new Pyramid(c2, c3, c4, c5);
    }

    /// <summary>ImageNet's classifier on c5 [N, C, h, w]: [N, classes].</summary>
    public static Value Classify(GraphBuilder g, Value c5, long classes) => g.Linear(g.GlobalAveragePool(c5), "head", classes, Weights, Initialize.Zeros);

    private static Initializer Weights => Initialize.TruncatedNormal(0.02);

    private Value Stage(GraphBuilder g, Value map, int stage)
    {
        (string patches, long kernel) = ($"patch_embed{stage + 1}", stage == 0 ? 7 : 3);
        map = g.Conv(map, $"{patches}.proj", config.Widths[stage], kernel, stride: stage == 0 ? 4 : 2, pad: kernel / 2,
            weight: Initialize.KaimingNormalFanOut(), bias: Initialize.Zeros);
        (Dim height, Dim width) = (map.Shape[2], map.Shape[3]);
        Value x = g.LayerNorm(PixelRows.Of(g, map), $"{patches}.norm", PatchEpsilon);                             // [N, h·w, C]
        for (int block = 0; block < config.Depths[stage]; block++)
        {
            string name = $"block{stage + 1}.{block}";
            x = g.Add(x, Attention(g, g.LayerNorm(x, $"{name}.norm1", BlockEpsilon), height, width, stage, $"{name}.attn"));
            x = g.Add(x, FeedForward(g, g.LayerNorm(x, $"{name}.norm2", BlockEpsilon), height, width, stage, $"{name}.mlp"));
        }

        return PixelRows.ToMap(g, g.LayerNorm(x, $"norm{stage + 1}", BlockEpsilon), height, width);
    }

    private Value Attention(GraphBuilder g, Value x, Dim height, Dim width, int stage, string name)
    {
        (long channels, long heads) = (config.Widths[stage], config.Heads[stage]);
        Value Heads(Value rows, params int[] order) => g.Transpose(g.Reshape(rows, [rows.Shape[0], rows.Shape[1], heads, channels / heads]), order);

        Value q = Heads(g.Linear(x, $"{name}.q", channels, Weights, Initialize.Zeros), 0, 2, 1, 3);         // [N, M, h·w, C/M]
        Value kv = g.Linear(Reduced(g, x, height, width, stage, name), $"{name}.kv", 2 * channels, Weights, Initialize.Zeros);
        IReadOnlyList<Value> parts = g.Split(kv, -1, channels, channels);                                   // [N, S, C] each
        Value scores = g.MatMul(g.Mul(q, (float)(1 / Math.Sqrt((double)channels / heads))), Heads(parts[0], 0, 2, 3, 1));
        Value mixed = g.MatMul(g.Softmax(scores), Heads(parts[1], 0, 2, 1, 3));                             // [N, M, h·w, C/M]
        return g.Linear(g.Reshape(g.Transpose(mixed, 0, 2, 1, 3), x.Shape), $"{name}.proj", channels, Weights, Initialize.Zeros);
    }

    // What keys and values are made of: [N, S, C] with S = h·w / reduction².
    private Value Reduced(GraphBuilder g, Value x, Dim height, Dim width, int stage, string name)
    {
        (long ratio, long channels) = (config.Reductions[stage], config.Widths[stage]);
        if (ratio == 1)
        {
            return x;
        }

        Value map = g.Conv(PixelRows.ToMap(g, x, height, width), $"{name}.sr", channels, ratio, ratio,
            weight: Initialize.KaimingNormalFanOut(), bias: Initialize.Zeros);
        return g.LayerNorm(PixelRows.Of(g, map), $"{name}.norm", PatchEpsilon);
    }

    private Value FeedForward(GraphBuilder g, Value x, Dim height, Dim width, int stage, string name)
    {
        long hidden = config.FeedForward[stage] * config.Widths[stage];
        Value y = PixelRows.ToMap(g, g.Linear(x, $"{name}.fc1", hidden, Weights, Initialize.Zeros), height, width);     // [N, 4C, h, w]
        y = g.Conv(y, $"{name}.dwconv.dwconv", hidden, kernel: 3, pad: 1, group: hidden,
            weight: Initialize.KaimingNormalFanOut(hidden), bias: Initialize.Zeros);
        return g.Linear(g.Gelu(PixelRows.Of(g, y)), $"{name}.fc2", config.Widths[stage], Weights, Initialize.Zeros);   // [N, h·w, C]
    }
}
