using Clouds.Graph.Building;

namespace Clouds.Models.Sam;

/// <summary>Sizes of Segment Anything's own image encoder (method.md section 4.3).</summary>
public sealed record SamVitConfig : ImageEmbedderConfig
{
    /// <summary>The kind's name in files.</summary>
    public const string Kind = "sam_vit";

    /// <summary>Side of a patch in pixels. Segment Anything: 16.</summary>
    public int Patch { get; init; } = 16;

    /// <summary>D, width of a token. ViT-B: 768; L: 1024; H: 1280.</summary>
    public int Width { get; init; } = 768;

    /// <summary>Blocks. ViT-B: 12; L: 24; H: 32.</summary>
    public int Depth { get; init; } = 12;

    /// <summary>Attention heads. ViT-B: 12; L and H: 16.</summary>
    public int Heads { get; init; } = 12;

    /// <summary>Side of a window in patches. Segment Anything: 14.</summary>
    public int Window { get; init; } = 14;

    /// <summary>Blocks that attend to the whole image, counted from 0. ViT-B: 2, 5, 8, 11; L: 5, 11, 17, 23; H: 7, 15, 23, 31.</summary>
    public IReadOnlyList<int> GlobalBlocks { get; init; } = [2, 5, 8, 11];

    /// <summary>Hidden width of the feed-forward networks as a multiple of D. Segment Anything: 4.</summary>
    public int FeedForward { get; init; } = 4;

    /// <summary>ViT-B.</summary>
    public static SamVitConfig Base { get; } = new();

    /// <summary>ViT-L.</summary>
    public static SamVitConfig Large { get; } = new() { Width = 1024, Depth = 24, Heads = 16, GlobalBlocks = [5, 11, 17, 23] };

    /// <summary>ViT-H.</summary>
    public static SamVitConfig Huge { get; } = new() { Width = 1280, Depth = 32, Heads = 16, GlobalBlocks = [7, 15, 23, 31] };

    /// <inheritdoc/>
    public override int Stride => Patch;

    /// <inheritdoc/>
    public override IImageEmbedder Create() => new SamVit(this);

    /// <inheritdoc/>
    public override (string Member, string Found, string Expected)? Misfit() =>
        Patch < 1 || ImageSize < Patch || ImageSize % Patch != 0 ? ("imageSize", $"{ImageSize}", $"a multiple of the patch, {Patch} pixels")
        : Heads < 1 || Width < 1 || Width % Heads != 0 ? ("heads", $"{Heads}", $"a divisor of the width, {Width}")
        : Depth < 1 || Window < 1 || FeedForward < 1 || Channels < 1 ? ("depth, window, feedForward, channels", "a number below 1", "1 or more")
        : null;
}

/// <summary>
/// Segment Anything's image encoder: a plain Vision Transformer (Li et al. 2022, Kirillov et al. 2023; method.md section 4.3) that attends within windows, in a
/// few blocks to everything, and knows positions by learned vectors for each distance in rows and in columns. Parameter names are those of the
/// official checkpoints from "image_encoder." on.
/// </summary>
/// <param name="config">Sizes.</param>
public sealed class SamVit(SamVitConfig config) : IImageEmbedder
{
    private const float Epsilon = 1e-6f;

    // N images · e×e patches · D = config.Width · M heads · C = D/M · h×w a window · B windows of all images
    /// <inheritdoc/>
    public Value Build(GraphBuilder g, Value image)
    {
        Value patches = g.Conv(image, "patch_embed.proj", config.Width, config.Patch, stride: config.Patch);    // [N, D, e, e]
        Value x = g.Transpose(patches, 0, 2, 3, 1);                                                             // [N, e, e, D]
        x = g.Add(x, g.Parameter("pos_embed", [1, config.Grid, config.Grid, config.Width], Initialize.Zeros));
        for (int block = 0; block < config.Depth; block++)
        {
            x = Block(g, x, config.GlobalBlocks.Contains(block) ? config.Grid : config.Window, $"blocks.{block}");
        }

        return EmbeddingNeck.Build(g, x, config.Channels);                                                      // [N, channels, e, e]
    }

    private Value Block(GraphBuilder g, Value x, long window, string name)
    {
        x = g.Add(x, Attention(g, g.LayerNorm(x, $"{name}.norm1", Epsilon), window, $"{name}.attn"));
        Value y = g.Gelu(g.Linear(g.LayerNorm(x, $"{name}.norm2", Epsilon), $"{name}.mlp.lin1", config.FeedForward * config.Width));
        return g.Add(x, g.Linear(y, $"{name}.mlp.lin2", config.Width));
    }

    private Value Attention(GraphBuilder g, Value x, long window, string name)
    {
        MapWindows windows = new(config.Grid, config.Grid, window, window);
        Value projection = g.Linear(windows.Pad(g, x), $"{name}.qkv", 3 * config.Width);
        IReadOnlyList<Value> parts = windows.Parts(g, projection, config.Heads, byHead: false);
        (Value q, Value k, Value v) = (parts[0], parts[1], parts[2]);                                           // [B, M, h·w, C]
        Value mixed = g.MatMul(g.Softmax(Scores(g, q, k, window, name)), v);
        return g.Linear(windows.Join(g, mixed), $"{name}.proj", config.Width);                                  // [N, e, e, D]
    }

    // A score is q·k / √C + q·(vector of the distance in rows) + q·(vector of the distance in columns). The last two are looked up by the key's row and
    // column, which is a product with ones and zeros: so all three are one product of longer vectors, and no second array of scores is made.
    private Value Scores(GraphBuilder g, Value q, Value k, long window, string name)
    {
        Shape cells = [q.Shape[0] * config.Heads, window, window, q.Shape[3]];
        Value map = g.Reshape(q, cells);                                                                        // [B·M, h, w, C]
        Value byRow = g.MatMul(map, Distances(g, $"{name}.rel_pos_h", window, q.Shape[3]));                     // [B·M, h, w, h]
        Value byColumn = g.MatMul(g.Transpose(map, 0, 2, 1, 3), Distances(g, $"{name}.rel_pos_w", window, q.Shape[3]));
        Value scaled = g.Mul(map, (float)(1 / Math.Sqrt(q.Shape[3].Size)));
        Value queries = g.Concat(-1, scaled, byRow, g.Transpose(byColumn, 0, 2, 1, 3));                         // [B·M, h, w, C + h + w]
        Value places = g.Constant(Places(window), 1, 1, window * window, 2 * window);
        Value keys = g.Concat(-1, k, g.Expand(places, [k.Shape[0], k.Shape[1], k.Shape[2], 2 * window]));       // [B, M, h·w, C + h + w]
        return g.MatMul(g.Reshape(queries, keys.Shape), g.Transpose(keys, 0, 1, 3, 2));                         // [B, M, h·w, h·w]
    }

    // For each place along an axis the vectors of its distances from all places: [size, C, size].
    private static Value Distances(GraphBuilder g, string name, long size, Dim channels)
    {
        Value vectors = g.Parameter(name, [(2 * size) - 1, channels], Initialize.Zeros);
        long[] distances = [.. Enumerable.Range(0, (int)(size * size)).Select(i => (i / size) - (i % size) + size - 1)];
        return g.Transpose(g.Reshape(g.Gather(vectors, g.Integers(distances)), [size, size, channels]), 0, 2, 1);
    }

    // A one at each cell's row, and another at its column.
    private static float[] Places(long window)
    {
        float[] places = new float[2 * window * window * window];
        for (long cell = 0; cell < window * window; cell++)
        {
            places[(2 * window * cell) + (cell / window)] = 1;
            places[(2 * window * cell) + window + (cell % window)] = 1;
        }

        return places;
    }
}
