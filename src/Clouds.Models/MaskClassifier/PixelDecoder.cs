using Clouds.Graph.Building;
using Clouds.Graph.Settings;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;
using Clouds.Models.Layers;

namespace Clouds.Models.MaskClassifier;

/// <summary>Sizes of the pixel decoder (method.md section 1.3).</summary>
public sealed record PixelDecoderConfig
{
    /// <summary>Channels of the deformable encoder and the feature pyramid, a multiple of 32. Mask2Former: 256.</summary>
    [Setting(Unit = "channels", Min = 32, Source = "Mask2Former: 256")]
    public int Width { get; init; } = 256;

    /// <summary>Channels of the mask features. Mask2Former: 256.</summary>
    [Setting(Unit = "channels", Min = 1, Source = "Mask2Former: 256")]
    public int MaskWidth { get; init; } = 256;

    /// <summary>Deformable encoder layers. Mask2Former: 6.</summary>
    [Setting(Unit = "layers", Min = 1, Source = "Mask2Former: 6")]
    public int Layers { get; init; } = 6;

    /// <summary>Attention heads. Mask2Former: 8.</summary>
    [Setting(Unit = "heads", Min = 1, Source = "Mask2Former: 8")]
    public int Heads { get; init; } = 8;

    /// <summary>Hidden width of the feed-forward network. Mask2Former: 1024.</summary>
    [Setting(Unit = "channels", Min = 1, Source = "Mask2Former: 1024")]
    public int FeedForward { get; init; } = 1024;

    /// <summary>Samples per head and level. Mask2Former: 4.</summary>
    [Setting(Unit = "points", Min = 1, Source = "Mask2Former: 4")]
    public int Points { get; init; } = 4;

    // Heads and points leave one number in the tensors, their product; in Mask2Former heads are a setting and points are not.
    internal static PixelDecoderConfig Find(TensorShapes shapes, PixelDecoderConfig usual)
    {
        const string Decoder = "sem_seg_head.pixel_decoder";
        const string Layers0 = $"{Decoder}.transformer.encoder.layers.0";
        int levels = shapes.Extent($"{Decoder}.transformer.level_embed", 0, 3);
        int samples = shapes.Extent($"{Layers0}.self_attn.attention_weights.weight", 0, levels * usual.Heads * usual.Points);
        return usual with
        {
            Width = shapes.Extent($"{Decoder}.input_proj.0.0.weight", 0, usual.Width),
            MaskWidth = shapes.Extent($"{Decoder}.mask_features.weight", 0, usual.MaskWidth),
            Layers = shapes.Count($"{Decoder}.transformer.encoder.layers.*.linear1.weight"),
            Heads = Math.Max(1, samples / Math.Max(1, levels * usual.Points)),
            FeedForward = shapes.Extent($"{Layers0}.linear1.weight", 0, usual.FeedForward),
        };
    }
}

/// <summary>What the pixel decoder hands to the transformer decoder.</summary>
/// <param name="MaskFeatures">[N, MaskWidth, H/4, W/4].</param>
/// <param name="Levels">[N, D, H/32, W/32], [N, D, H/16, W/16], [N, D, H/8, W/8]: coarse to fine.</param>
public sealed record PixelDecoderOutput(Value MaskFeatures, IReadOnlyList<Value> Levels);

/// <summary>
/// Mask2Former's MSDeformAttn pixel decoder (Cheng et al. 2022; method.md section 1.3). Parameter names are those of the reference module.
/// </summary>
/// <param name="config">Sizes.</param>
public sealed class PixelDecoder(PixelDecoderConfig config)
{
    private const float Epsilon = 1e-5f;
    public const long Groups = 32;

    // N batch · H×W input pixels · D = config.Width · S = rows of the three levels · M heads · L = 3 levels · P points
    /// <summary>Builds the decoder on the encoder's four maps. Mask2Former never lets it be computed in half precision (method.md section 1.3).</summary>
    public PixelDecoderOutput Build(GraphBuilder g, Pyramid f)
    {
        using IDisposable single = g.InSingle();
        Value[] projected = [Project(g, f.C5, 0), Project(g, f.C4, 1), Project(g, f.C3, 2)];                  // [N, D, h, w] each
        Dim[] levels = [.. projected.SelectMany(level => new[] { level.Shape[2], level.Shape[3] })];
        SamplingGrid grid = SamplingGrid.Of(g, levels, config.Heads, config.Points);
        Value memory = g.Concat(1, [.. projected.Select(level => PixelRows.Of(g, level))]);                             // [N, S, D]   coarse to fine
        Value position = Position(g, levels);                                                                   // [1, S, D]
        for (int layer = 0; layer < config.Layers; layer++)
        {
            memory = EncoderLayer(g, memory, position, grid, $"transformer.encoder.layers.{layer}");         // [N, S, D]
        }

        Value[] encoded = Maps(g, memory, levels);                                                              // [N, D, h, w] each
        Value lateral = g.GroupNorm(Conv(g, f.C2, "adapter_1", 1, useBias: false), "adapter_1.norm", Groups);  // [N, D, H/4, W/4]
        Value merged = g.Add(lateral, g.ResizeBilinear(encoded[2], lateral.Shape[2], lateral.Shape[3]));
        Value fine = g.Relu(g.GroupNorm(Conv(g, merged, "layer_1", 3, useBias: false), "layer_1.norm", Groups));
        Value features = g.Conv(fine, "mask_features", config.MaskWidth, 1, weight: Initialize.Caffe2Xavier, bias: Initialize.Zeros);
        return new PixelDecoderOutput(features, encoded);                                                       // [N, MaskWidth, H/4, W/4]
    }

    private Value Project(GraphBuilder g, Value x, int index)
    {
        Value projected = g.Conv(x, $"input_proj.{index}.0", config.Width, 1, weight: Initialize.XavierUniform, bias: Initialize.Zeros);
        return g.GroupNorm(projected, $"input_proj.{index}.1", Groups);
    }

    private Value Conv(GraphBuilder g, Value x, string name, long kernel, bool useBias) =>
        g.Conv(x, name, config.Width, kernel, pad: kernel / 2, useBias: useBias, weight: Initialize.Caffe2Xavier);

    private static Value[] Maps(GraphBuilder g, Value memory, Dim[] levels)
    {
        IReadOnlyList<Value> parts = g.Split(memory, 1, [.. levels.Chunk(2).Select(level => level[0] * level[1])]);
        return [.. parts.Select((part, l) => PixelRows.ToMap(g, part, levels[2 * l], levels[(2 * l) + 1]))];
    }

    // Sine position of each row on its own level plus the level's learned vector; added to the query only.
    private Value Position(GraphBuilder g, Dim[] levels)
    {
        int count = levels.Length / 2;
        Value embedding = g.Parameter("transformer.level_embed", [count, config.Width], Initialize.Normal(1));
        IReadOnlyList<Value> vectors = g.Split(embedding, 0, [.. Enumerable.Repeat((Dim)1, count)]);              // [1, D] each
        IEnumerable<Value> rows = vectors.Select((vector, l) =>
            g.Add(SinePosition.Rows(g, levels[2 * l], levels[(2 * l) + 1], config.Width), vector));
        return g.Unsqueeze(g.Concat(0, [.. rows]), 0);
    }

    private Value EncoderLayer(GraphBuilder g, Value x, Value position, SamplingGrid grid, string name)
    {
        Value attended = DeformableAttention(g, g.Add(x, position), x, grid, $"{name}.self_attn");            // [N, S, D]
        x = g.LayerNorm(g.Add(x, attended), $"{name}.norm1", Epsilon);
        Value hidden = g.Relu(g.Linear(x, $"{name}.linear1", config.FeedForward, Initialize.XavierUniform));    // [N, S, F]
        Value result = g.Linear(hidden, $"{name}.linear2", config.Width, Initialize.XavierUniform);
        return g.LayerNorm(g.Add(x, result), $"{name}.norm2", Epsilon);
    }

    private Value DeformableAttention(GraphBuilder g, Value query, Value x, SamplingGrid grid, string name)
    {
        (long m, long p, long l) = (config.Heads, config.Points, grid.Levels.Count / 2);
        (Dim n, Dim s) = (x.Shape[0], x.Shape[1]);
        Value value = g.Linear(x, $"{name}.value_proj", config.Width, Initialize.XavierUniform, Initialize.Zeros);
        Value offsets = g.Linear(query, $"{name}.sampling_offsets", m * l * p * 2, Initialize.Zeros, Initialize.Values(RingOffsets(m, l, p)));
        Value weights = g.Linear(query, $"{name}.attention_weights", m * l * p, Initialize.Zeros, Initialize.Zeros);
        weights = g.Softmax(g.Reshape(weights, [n, s, m, l * p]));                                              // [N, S, M, L·P]

        Value locations = g.Reshape(grid.Locations(g, g.Reshape(offsets, [n, s, m, l * p * 2])), [n, s, m, l, p, 2]);
        Value sampled = g.MsDeformAttn(g.Reshape(value, [n, s, m, config.Width / m]), locations, g.Reshape(weights, [n, s, m, l, p]), grid.Levels);
        return g.Linear(sampled, $"{name}.output_proj", config.Width, Initialize.XavierUniform, Initialize.Zeros);
    }

    /// <summary>Start offsets: head k looks in direction 2πk/M, scaled to the unit square's rim, point p at p + 1 pixels.</summary>
    internal static float[] RingOffsets(long heads, long levels, long points)
    {
        List<float> offsets = [];
        for (long k = 0; k < heads; k++)
        {
            (double sin, double cos) = Math.SinCos(2 * Math.PI * k / heads);
            double rim = Math.Max(Math.Abs(sin), Math.Abs(cos));
            for (long sample = 0; sample < levels * points; sample++)
            {
                double distance = (sample % points) + 1;
                offsets.Add((float)(cos / rim * distance));
                offsets.Add((float)(sin / rim * distance));
            }
        }

        return [.. offsets];
    }
}
