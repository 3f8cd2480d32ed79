using Clouds.Graph.Building;

namespace Clouds.Models.Sam;

/// <summary>Sizes of MobileSAM's image encoder (method.md section 4.3).</summary>
public sealed record TinyVitConfig : ImageEmbedderConfig
{
    /// <summary>The kind's name in files.</summary>
    public const string Kind = "tiny_vit";

    /// <summary>Channels of the four stages. MobileSAM: 64, 128, 160, 320.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [64, 128, 160, 320];

    /// <summary>Blocks of each stage. MobileSAM: 2, 2, 6, 2.</summary>
    public IReadOnlyList<int> Depths { get; init; } = [2, 2, 6, 2];

    /// <summary>Attention heads of each stage; the first one convolves and has none. MobileSAM: 2, 4, 5, 10.</summary>
    public IReadOnlyList<int> Heads { get; init; } = [2, 4, 5, 10];

    /// <summary>Side of a window in cells, of each stage; the first one has none. MobileSAM: 7, 7, 14, 7.</summary>
    public IReadOnlyList<int> Windows { get; init; } = [7, 7, 14, 7];

    /// <summary>Hidden width of the feed-forward networks as a multiple of the stage's. MobileSAM: 4.</summary>
    public int FeedForward { get; init; } = 4;

    /// <summary>Hidden width of the first stage's blocks as a multiple of its own. MobileSAM: 4.</summary>
    public int Expansion { get; init; } = 4;

    /// <summary>Side of the convolution between attention and feed-forward network. MobileSAM: 3.</summary>
    public int LocalKernel { get; init; } = 3;

    /// <summary>MobileSAM's.</summary>
    public static TinyVitConfig Mobile { get; } = new();

    /// <inheritdoc/>
    public override int Stride => 16;

    /// <inheritdoc/>
    public override IImageEmbedder Create() => new TinyVit(this);

    /// <inheritdoc/>
    public override (string Member, string Found, string Expected)? Misfit()
    {
        (string Member, IReadOnlyList<int> Numbers)[] lists = [("widths", Widths), ("depths", Depths), ("heads", Heads), ("windows", Windows)];
        (string member, IReadOnlyList<int>? numbers) = lists.FirstOrDefault(list => list.Numbers.Count != 4 || list.Numbers.Any(number => number < 1));
        return numbers is not null ? (member, $"[{string.Join(", ", numbers)}]", "4 numbers, each at least 1")
            : Enumerable.Range(1, 3).Any(stage => Widths[stage] % Heads[stage] != 0) || Widths[0] % 2 != 0
                ? ("widths", $"[{string.Join(", ", Widths)}]", $"an even number, then multiples of the heads [{string.Join(", ", Heads)}]")
            : ImageSize < Stride || ImageSize % Stride != 0 ? ("imageSize", $"{ImageSize}", $"a multiple of {Stride} pixels")
            : FeedForward < 1 || Expansion < 1 || Channels < 1 ? ("feedForward, expansion, channels", "a number below 1", "1 or more")
            : LocalKernel < 1 || LocalKernel % 2 == 0 ? ("localKernel", $"{LocalKernel}", "an odd number")
            : null;
    }
}

/// <summary>
/// MobileSAM's image encoder: TinyViT (Wu et al. 2022, Zhang et al. 2023; method.md section 4.3), a stage of inverted bottlenecks and three of attention
/// within windows with a depthwise convolution behind it. Only the first two stages halve the map on their way out, so that it ends with 16 pixels a cell.
/// Parameter names are those of MobileSAM's checkpoint from "image_encoder." on.
/// </summary>
/// <param name="config">Sizes.</param>
public sealed class TinyVit(TinyVitConfig config) : IImageEmbedder
{
    private const float Epsilon = 1e-5f;

    // N images · D = config.Widths[stage] · H×W the stage's map · M heads · C = D/M · h×w a window · B windows of all images
    /// <inheritdoc/>
    public Value Build(GraphBuilder g, Value image) =>
        EmbeddingNeck.Build(g, g.Transpose(Stages(g, image)[^1], 0, 2, 3, 1), config.Channels);

    /// <summary>What leaves each of the four stages: [N, D, H, W] with the next stage's width and size, the last one with its own.</summary>
    public IReadOnlyList<Value> Stages(GraphBuilder g, Value image)
    {
        Value x = Active(g, image, "patch_embed.seq.0", config.Widths[0] / 2, kernel: 3, stride: 2);            // [N, D/2, S/2, S/2]
        x = Norm(g, x, "patch_embed.seq.2", config.Widths[0], kernel: 3, stride: 2);                            // [N, D, S/4, S/4]
        List<Value> stages = [];
        for (int stage = 0; stage < 4; stage++)
        {
            x = stage == 0 ? Bottlenecks(g, x) : Blocks(g, x, stage);
            x = stage == 3 ? x : Merge(g, x, $"layers.{stage}.downsample", config.Widths[stage + 1], stride: stage == 2 ? 1 : 2);
            stages.Add(x);
        }

        return stages;
    }

    /// <summary>The classifier with which the network was first trained, on the last stage's map [N, D, H, W]: [N, classes].</summary>
    public static Value Classify(GraphBuilder g, Value map, long classes) =>
        g.Linear(g.LayerNorm(g.GlobalAveragePool(map), "norm_head", Epsilon), "head", classes, Weights, Initialize.Zeros);

    private static Initializer Weights => Initialize.TruncatedNormal(0.02);

    private Value Bottlenecks(GraphBuilder g, Value x)
    {
        long hidden = config.Expansion * config.Widths[0];
        for (int block = 0; block < config.Depths[0]; block++)
        {
            string name = $"layers.0.blocks.{block}";
            Value y = Active(g, x, $"{name}.conv1", hidden);
            y = Active(g, y, $"{name}.conv2", hidden, kernel: 3, group: hidden);
            x = g.Gelu(g.Add(x, Norm(g, y, $"{name}.conv3", config.Widths[0], scale: Initialize.Zeros)));
        }

        return x;                                                                                               // [N, D, S/4, S/4]
    }

    private static Value Merge(GraphBuilder g, Value x, string name, long width, long stride)
    {
        Value y = Active(g, x, $"{name}.conv1", width);
        y = Active(g, y, $"{name}.conv2", width, kernel: 3, stride: stride, group: width);
        return Norm(g, y, $"{name}.conv3", width);
    }

    private Value Blocks(GraphBuilder g, Value map, int stage)
    {
        Value x = g.Transpose(map, 0, 2, 3, 1);                                                                 // [N, H, W, D]
        for (int block = 0; block < config.Depths[stage]; block++)
        {
            x = Block(g, x, stage, $"layers.{stage}.blocks.{block}");
        }

        return g.Transpose(x, 0, 3, 1, 2);                                                                      // [N, D, H, W]
    }

    private Value Block(GraphBuilder g, Value x, int stage, string name)
    {
        long width = config.Widths[stage];
        x = g.Add(x, Attention(g, x, stage, $"{name}.attn"));
        Value map = Norm(g, g.Transpose(x, 0, 3, 1, 2), $"{name}.local_conv", width, config.LocalKernel, group: width);
        x = g.Transpose(map, 0, 2, 3, 1);                                                                       // [N, H, W, D]
        Value y = g.LayerNorm(x, $"{name}.mlp.norm", Epsilon);
        y = g.Gelu(g.Linear(y, $"{name}.mlp.fc1", config.FeedForward * width, Weights, Initialize.Zeros));
        return g.Add(x, g.Linear(y, $"{name}.mlp.fc2", width, Weights, Initialize.Zeros));
    }

    // Cells that fill up a window are normalised like all others, and attended to.
    private Value Attention(GraphBuilder g, Value rows, int stage, string name)
    {
        (long window, long heads, long width) = (config.Windows[stage], config.Heads[stage], config.Widths[stage]);
        MapWindows windows = new(rows.Shape[1].Size, rows.Shape[2].Size, window, window);
        Value projection = g.Linear(g.LayerNorm(windows.Pad(g, rows), $"{name}.norm", Epsilon), $"{name}.qkv", 3 * width, Weights, Initialize.Zeros);
        IReadOnlyList<Value> parts = windows.Parts(g, projection, heads, byHead: true);                         // [B, M, h·w, C] each
        Value queries = g.Mul(parts[0], (float)(1 / Math.Sqrt((double)width / heads)));
        Value scores = g.Add(g.MatMul(queries, g.Transpose(parts[1], 0, 1, 3, 2)), Distances(g, $"{name}.attention_biases", heads, window));
        return g.Linear(windows.Join(g, g.MatMul(g.Softmax(scores), parts[2])), $"{name}.proj", width, Weights, Initialize.Zeros);
    }

    // A learned number for each head and each distance in rows and columns, whatever its sign: [M, h·w, h·w].
    private static Value Distances(GraphBuilder g, string name, long heads, long window)
    {
        int cells = (int)(window * window);
        Value biases = g.Parameter(name, [heads, cells], Initialize.Zeros);
        long Distance(long a, long b) => (Math.Abs((a / window) - (b / window)) * window) + Math.Abs((a % window) - (b % window));
        long[] distances = [.. Enumerable.Range(0, cells * cells).Select(pair => Distance(pair / cells, pair % cells))];
        return g.Reshape(g.Gather(biases, g.Integers(distances), 1), [heads, cells, cells]);
    }

    // A convolution without bias, its normalisation, and what rectifies it.
    private static Value Active(GraphBuilder g, Value x, string name, long outputs, long kernel = 1, long stride = 1, long group = 1) =>
        g.Gelu(Norm(g, x, name, outputs, kernel, stride, group, weight: Initialize.KaimingUniform(0)));

    // Statistics are never those of a batch here, from scratch they stay 0 and 1: so weights begin at the size that keeps the variance as it is.
    private static Value Norm(GraphBuilder g, Value x, string name, long outputs, long kernel = 1, long stride = 1, long group = 1,
        Initializer? scale = null, Initializer? weight = null)
    {
        Initializer start = weight ?? Initialize.Caffe2Xavier;
        return g.BatchNorm(g.Conv(x, $"{name}.c", outputs, kernel, stride, kernel / 2, group, useBias: false, start), $"{name}.bn", scale);
    }
}
