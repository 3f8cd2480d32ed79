using Clouds.Graph.Building;
using Clouds.Graph.Settings;
using Clouds.Graph.Weights;
using Clouds.Models.Layers;

namespace Clouds.Models.Encoders;

/// <summary>Sizes of CLIP's ResNet (method.md section 1.2.2).</summary>
public sealed record ClipResNetConfig : EncoderConfig
{
    /// <summary>The kind's name in settings and files.</summary>
    public const string Kind = "clip_resnet";

    /// <summary>Blocks in each of the four stages. OpenAI CLIP RN50: 3, 4, 6, 3; RN101: 3, 4, 23, 3.</summary>
    [Setting(Unit = "blocks", Min = 1, Source = "OpenAI CLIP RN50: 3, 4, 6, 3; RN101: 3, 4, 23, 3")]
    public IReadOnlyList<int> Blocks { get; init; } = [3, 4, 6, 3];

    /// <summary>Channels of the stem, even; the stages have 4, 8, 16 and 32 times as many. OpenAI CLIP: 64.</summary>
    [Setting(Unit = "channels", Min = 2, Source = "OpenAI CLIP: 64")]
    public int Width { get; init; } = 64;

    /// <summary>Heads of the attention pool. OpenAI CLIP: 32.</summary>
    [Setting(Unit = "heads", Min = 1, Source = "OpenAI CLIP: 32")]
    public int Heads { get; init; } = 32;

    /// <summary>Side of the images that it was trained with: fixes the positions of the attention pool. OpenAI CLIP: 224.</summary>
    [Setting(Unit = "pixels", Min = 32, Source = "OpenAI CLIP: 224")]
    public int Resolution { get; init; } = 224;

    /// <summary>Width of the embedding that images and texts share. OpenAI CLIP RN50: 1024; RN101: 512.</summary>
    [Setting(Unit = "channels", Min = 1, Source = "OpenAI CLIP RN50: 1024; RN101: 512")]
    public int Embedding { get; init; } = 1024;

    /// <summary>RN50.</summary>
    public static ClipResNetConfig Rn50 { get; } = new();

    /// <summary>RN101.</summary>
    public static ClipResNetConfig Rn101 { get; } = new() { Blocks = [3, 4, 23, 3], Embedding = 512 };

    /// <inheritdoc/>
    public override IEncoder Create(bool trainable = false) => new ClipResNet(this, trainable);

    /// <inheritdoc/>
    public override (string Key, string Found, string Expected)? Misfit() =>
        Blocks.Count != 4 || Blocks.Any(blocks => blocks < 1) ? ("blocks", $"[{string.Join(", ", Blocks)}]", "4 numbers of blocks, each at least 1")
        : Width % 2 != 0 ? ("width", $"{Width}", "an even number of channels")
        : 32 * Width % Heads != 0 ? ("heads", $"{Heads}", $"a divisor of {32 * Width}, the channels of the last stage")
        : Resolution % 32 != 0 ? ("resolution", $"{Resolution}", "a multiple of 32 pixels")
        : null;

    // 64 channels a head, as OpenAI's have; a position for each cell of the last map and one for their mean.
    internal static ClipResNetConfig? FindIn(TensorShapes shapes)
    {
        const string Visual = "backbone.clip_model.visual";
        return shapes.Extent($"{Visual}.layer1.0.conv1.weight", 0, 0) is not (> 0 and int width) ? null : new()
        {
            Blocks = [.. Enumerable.Range(1, 4).Select(stage => shapes.Count($"{Visual}.layer{stage}.*.conv1.weight"))],
            Width = width,
            Heads = Math.Max(1, width / 2),
            Resolution = 32 * (int)Math.Sqrt(shapes.Extent($"{Visual}.attnpool.positional_embedding", 0, 50) - 1),
            Embedding = shapes.Extent($"{Visual}.attnpool.c_proj.weight", 0, Rn50.Embedding),
        };
    }
}

/// <summary>
/// CLIP's ModifiedResNet (Radford et al. 2021; method.md section 1.2.2): a stem of three convolutions, average pools where a ResNet strides, and a pool
/// by attention. Parameter names are those of OpenAI's state dict from "visual." on.
/// </summary>
/// <param name="config">Sizes.</param>
/// <param name="trainable">Whether gradients are wanted.</param>
public sealed class ClipResNet(ClipResNetConfig config, bool trainable = false) : IClipEncoder
{
    private const int Expansion = 4;

    /// <inheritdoc/>
    public string Scope => "backbone.clip_model";

    /// <inheritdoc/>
    public IReadOnlyList<FeatureLevel> Levels { get; } =
        [.. Enumerable.Range(0, 4).Select(stage => new FeatureLevel($"res{stage + 2}", 4 << stage, Expansion * config.Width << stage))];

    /// <inheritdoc/>
    public ColourStatistics Colours => ColourStatistics.Clip;

    /// <inheritdoc/>
    public bool Trainable => trainable;

    /// <inheritdoc/>
    public int Embedding => config.Embedding;

    /// <inheritdoc/>
    public bool PoolsByAttention => true;

    /// <inheritdoc/>
    public bool QuickGelu => true;

    // N batch · H×W input pixels · C = 4 · Width · 2^stage
    /// <inheritdoc/>
    public Pyramid Build(GraphBuilder g, Value image)
    {
        Value x = g.AveragePool(Stem(g, image), kernel: 2, stride: 2);  // [N, Width, H/4, W/4]
        Value c2 = Stage(g, x, 0);                                      // [N, C, H/4, W/4]
        Value c3 = Stage(g, c2, 1);                                     // [N, C, H/8, W/8]
        Value c4 = Stage(g, c3, 2);                                     // [N, C, H/16, W/16]
        Value c5 = Stage(g, c4, 3);                                     // [N, C, H/32, W/32]
        return new Pyramid(c2, c3, c4, c5);
    }

    /// <summary>Three convolutions, the first of stride 2: [N, Width, H/2, W/2].</summary>
    public Value Stem(GraphBuilder g, Value image)
    {
        Value x = g.Relu(Norm(g, g.Conv(image, "visual.conv1", config.Width / 2, kernel: 3, stride: 2, pad: 1, useBias: false), "visual.bn1"));
        x = g.Relu(Norm(g, g.Conv(x, "visual.conv2", config.Width / 2, kernel: 3, pad: 1, useBias: false), "visual.bn2"));
        return g.Relu(Norm(g, g.Conv(x, "visual.conv3", config.Width, kernel: 3, pad: 1, useBias: false), "visual.bn3"));
    }

    /// <summary>
    /// CLIP's attention pool of c5 [N, C, h, w] of an image of the trained resolution: the image embedding [N, E], not normalised. The mean of all
    /// positions asks; the mean and all positions answer.
    /// </summary>
    public Value Embed(GraphBuilder g, Value c5)
    {
        Value tokens = PixelRows.Of(g, c5);                                   // [N, h·w, C]
        Value mean = g.ReduceMean(tokens, 1);                           // [N, 1, C]
        Value keys = g.Add(g.Concat(1, mean, tokens), Positions(g, c5));
        Value query = g.Slice(keys, axis: 1, from: 0, to: 1);
        return g.Squeeze(Attend(g, query, keys, bias: null), 1);
    }

    /// <summary>
    /// FC-CLIP's attention pool within masks (method.md section 1.6): c5 [N, C, h, w] of any size and blocked [N, Q, h, w], 1 where a query may not
    /// look and 0 elsewhere, to [N, Q, E]. A query that may look nowhere gets the value of one that looks everywhere.
    /// </summary>
    public Value EmbedMasked(GraphBuilder g, Value c5, Value blocked)
    {
        Value tokens = PixelRows.Of(g, c5);                                   // [N, h·w, C]
        Value positions = Positions(g, c5);                             // [1 + R·R, C]
        int side = config.Resolution / 32;
        Value grid = g.Reshape(g.Slice(positions, 0, 1, 1 + (side * side)), [1, side, side, c5.Shape[1]]);
        Value resized = g.ResizeBilinear(g.Transpose(grid, 0, 3, 1, 2), c5.Shape[2], c5.Shape[3]);
        Value keys = g.Add(tokens, PixelRows.Of(g, resized));                 // [N, h·w, C]
        Value query = g.Add(g.ReduceMean(tokens, 1), g.Slice(positions, 0, 0, 1));
        Value closed = g.Reshape(blocked, [blocked.Shape[0], blocked.Shape[1], blocked.Shape[2] * blocked.Shape[3]]);
        Value bias = g.Mul(g.Mul(closed, g.Sub(1f, g.ReduceMin(closed, -1))), -1e9f);
        Value queries = g.Expand(query, [query.Shape[0], blocked.Shape[1], query.Shape[2]]);
        return Attend(g, queries, keys, g.Unsqueeze(bias, 1));          // bias [N, 1, Q, h·w]
    }

    /// <inheritdoc/>
    public Value EmbedMasks(GraphBuilder g, Value c5, Value inside) => EmbedMasked(g, c5, g.Sub(1f, inside));

    private Value Stage(GraphBuilder g, Value x, int stage)
    {
        for (int block = 0; block < config.Blocks[stage]; block++)
        {
            x = Bottleneck(g, x, $"visual.layer{stage + 1}.{block}", (long)config.Width << stage, stride: stage > 0 && block == 0 ? 2 : 1, block == 0);
        }

        return x;
    }

    private static Value Bottleneck(GraphBuilder g, Value x, string name, long width, long stride, bool first)
    {
        Value y = g.Relu(Norm(g, g.Conv(x, $"{name}.conv1", width, kernel: 1, useBias: false), $"{name}.bn1"));
        y = g.Relu(Norm(g, g.Conv(y, $"{name}.conv2", width, kernel: 3, pad: 1, useBias: false), $"{name}.bn2"));
        y = Norm(g, g.Conv(Pool(g, y, stride), $"{name}.conv3", Expansion * width, kernel: 1, useBias: false), $"{name}.bn3", Initialize.Zeros);
        Value shortcut = first
            ? Norm(g, g.Conv(Pool(g, x, stride), $"{name}.downsample.0", Expansion * width, kernel: 1, useBias: false), $"{name}.downsample.1")
            : x;
        return g.Relu(g.Add(y, shortcut));
    }

    private static Value Pool(GraphBuilder g, Value x, long stride) => stride == 1 ? x : g.AveragePool(x, stride, stride);

    private static Value Norm(GraphBuilder g, Value x, string name, Initializer? scale = null) => g.BatchNorm(x, name, scale);

    private Value Attend(GraphBuilder g, Value query, Value keys, Value? bias)
    {
        long channels = keys.Shape[2].Size;
        Initializer weights = Initialize.Normal(1 / Math.Sqrt(channels));
        Value Project(Value x, string name, long outputs) => g.Linear(x, $"visual.attnpool.{name}", outputs, weights);
        Value Heads(Value x, params int[] order) =>
            g.Transpose(g.Reshape(x, [x.Shape[0], x.Shape[1], config.Heads, channels / config.Heads]), order);

        Value k = Heads(Project(keys, "k_proj", channels), 0, 2, 3, 1);                                     // [N, M, C/M, S]
        Value q = Heads(Project(query, "q_proj", channels), 0, 2, 1, 3);                                    // [N, M, Q, C/M]
        Value v = Heads(Project(keys, "v_proj", channels), 0, 2, 1, 3);                                     // [N, M, S, C/M]
        Value scores = g.Mul(g.MatMul(q, k), (float)(1 / Math.Sqrt((double)channels / config.Heads)));      // [N, M, Q, S]
        Value attention = g.Softmax(bias is null ? scores : g.Add(scores, bias));
        Value mixed = g.Reshape(g.Transpose(g.MatMul(attention, v), 0, 2, 1, 3), query.Shape);              // [N, Q, C]
        return Project(mixed, "c_proj", config.Embedding);                                                  // [N, Q, E]
    }

    private Value Positions(GraphBuilder g, Value c5)
    {
        long side = config.Resolution / 32, channels = c5.Shape[1].Size;
        return g.Parameter("visual.attnpool.positional_embedding", [1 + (side * side), channels], Initialize.Normal(1 / Math.Sqrt(channels)));
    }
}
