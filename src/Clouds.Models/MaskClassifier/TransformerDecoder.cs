using Clouds.Graph.Building;
using Clouds.Graph.Settings;
using Clouds.Graph.Weights;
using Clouds.Models.Layers;

namespace Clouds.Models.MaskClassifier;

/// <summary>Sizes of the transformer decoder (method.md section 1.4).</summary>
public sealed record TransformerDecoderConfig
{
    /// <summary>Width of queries and attention. Mask2Former: 256.</summary>
    [Setting(Unit = "channels", Min = 4, Source = "Mask2Former: 256")]
    public int Width { get; init; } = 256;

    /// <summary>Learned queries, each answering with one mask. Paper and reference code: 100.</summary>
    [Setting(Unit = "queries", Min = 1, Source = "paper and reference code: 100")]
    public int Queries { get; init; } = 100;

    /// <summary>Decoder layers. Mask2Former: 9 (its setting says 10, counting the prediction on the bare queries).</summary>
    [Setting(Unit = "layers", Min = 1, Source = "Mask2Former: 9")]
    public int Layers { get; init; } = 9;

    /// <summary>Attention heads. Mask2Former: 8.</summary>
    [Setting(Unit = "heads", Min = 1, Source = "Mask2Former: 8")]
    public int Heads { get; init; } = 8;

    /// <summary>Hidden width of the feed-forward network. Mask2Former: 2048.</summary>
    [Setting(Unit = "channels", Min = 1, Source = "Mask2Former: 2048")]
    public int FeedForward { get; init; } = 2048;

    /// <summary>Channels of the mask features. Mask2Former: 256.</summary>
    [Setting(Unit = "channels", Min = 1, Source = "Mask2Former: 256")]
    public int MaskWidth { get; init; } = 256;

    // Mask2Former has one setting for the heads of both decoders.
    internal static TransformerDecoderConfig Find(TensorShapes shapes, TransformerDecoderConfig usual, int heads) => usual with
    {
        Width = shapes.Extent("sem_seg_head.predictor.query_feat.weight", 1, usual.Width),
        Queries = shapes.Extent("sem_seg_head.predictor.query_feat.weight", 0, usual.Queries),
        Layers = shapes.Count("sem_seg_head.predictor.transformer_ffn_layers.*.linear1.weight"),
        Heads = heads,
        FeedForward = shapes.Extent("sem_seg_head.predictor.transformer_ffn_layers.0.linear1.weight", 0, usual.FeedForward),
        MaskWidth = shapes.Extent("sem_seg_head.predictor.mask_embed.layers.2.weight", 0, usual.MaskWidth),
    };
}

/// <summary>One of the decoder's predictions: after the bare queries, then after every layer.</summary>
/// <param name="ClassLogits">[N, Q, K + 1], the last one for "no object".</param>
/// <param name="MaskLogits">[N, Q, H/4, W/4]: embedding times features.</param>
/// <param name="Blocked">Positions that the next layer's queries may not look at: bool [N, Q, h·w] of the next level, full rows included.</param>
/// <param name="MaskEmbedding">[N, Q, C].</param>
/// <param name="MaskFeatures">[N, C, H/4, W/4], the same for all predictions.</param>
public sealed record Prediction(Value ClassLogits, Value MaskLogits, Value Blocked, Value MaskEmbedding, Value MaskFeatures);

/// <summary>
/// Mask2Former's masked-attention transformer decoder with the linear classifier, the default of CLOUDS, or FC-CLIP's (method.md sections 1.4
/// and 1.6). Parameter names are those of the reference module.
/// </summary>
/// <param name="config">Sizes.</param>
/// <param name="classes">K, "no object" not counted.</param>
/// <param name="text">What the text classifier compares with; null for the linear classifier.</param>
public sealed class TransformerDecoder(TransformerDecoderConfig config, int classes, TextRows? text = null)
{
    private const float Epsilon = 1e-5f;

    private readonly MultiHeadAttention _attention = new(config.Heads, Initialize.XavierUniform, Initialize.XavierUniform);

    // N batch · Q queries · D = config.Width · S = rows of one level · M heads · K classes
    /// <summary>Builds the decoder.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="features">The pixel decoder's output.</param>
    /// <returns>config.Layers + 1 predictions, the last one being the answer.</returns>
    public IReadOnlyList<Prediction> Build(GraphBuilder g, PixelDecoderOutput features)
    {
        Level[] levels = [.. features.Levels.Select((map, l) => Prepare(g, map, features.MaskFeatures, l))];
        Value queries = Embedding(g, "query_feat", config.Queries);                                             // [Q, D]
        Value position = g.Unsqueeze(Embedding(g, "query_embed", config.Queries), 0);                           // [1, Q, D]
        Value x = g.Expand(g.Unsqueeze(queries, 0), [features.MaskFeatures.Shape[0], config.Queries, config.Width]);

        List<Prediction> predictions = [Predict(g, x, features.MaskFeatures, levels[0])];
        for (int layer = 0; layer < config.Layers; layer++)
        {
            x = CrossAttention(g, x, position, levels[layer % 3], predictions[^1].Blocked, $"transformer_cross_attention_layers.{layer}");
            x = SelfAttention(g, x, position, $"transformer_self_attention_layers.{layer}");
            x = FeedForward(g, x, $"transformer_ffn_layers.{layer}");
            predictions.Add(Predict(g, x, features.MaskFeatures, levels[(layer + 1) % 3]));                     // x [N, Q, D]
        }

        return predictions;
    }

    private sealed record Level(Value Keys, Value Values, Value MaskFeatures);

    private Level Prepare(GraphBuilder g, Value map, Value maskFeatures, int index)
    {
        (Dim height, Dim width) = (map.Shape[2], map.Shape[3]);
        Value projected = map.Shape[1] == config.Width
            ? map
            : g.Conv(map, $"input_proj.{index}", config.Width, 1, weight: Initialize.Caffe2Xavier, bias: Initialize.Zeros);
        Value vector = g.Slice(Embedding(g, "level_embed", 3), 0, index, index + 1);                            // [1, D]
        Value values = g.Add(PixelRows.Of(g, projected), vector);                                                       // [N, S, D]
        Value keys = g.Add(values, SinePosition.Rows(g, height, width, config.Width));

        // Resizing is linear over pixels and the mask product linear over channels, so the features are resized once instead of every query's mask.
        Value resized = g.Detach(g.ResizeBilinear(g.Detach(maskFeatures), height, width));                      // [N, C, h, w]
        return new Level(keys, values, Flat(g, resized));
    }

    private Prediction Predict(GraphBuilder g, Value x, Value maskFeatures, Level next)
    {
        Value y = g.LayerNorm(x, "decoder_norm", Epsilon);                                                      // [N, Q, D]
        Value? classLogits = text is null ? g.Linear(y, "class_embed", classes + 1) : null;                     // [N, Q, K+1]
        Value hidden = g.Relu(g.Linear(y, "mask_embed.layers.0", config.Width));
        hidden = g.Relu(g.Linear(hidden, "mask_embed.layers.1", config.Width));
        Value embedding = g.Linear(hidden, "mask_embed.layers.2", config.MaskWidth);                            // [N, Q, C]
        Value masks = g.MatMul(embedding, Flat(g, maskFeatures));                                               // [N, Q, H/4·W/4]
        Value blocked = g.Less(g.MatMul(g.Detach(embedding), next.MaskFeatures), g.Constant(0f));               // sigmoid(M) < 0.5
        Shape maskShape = [masks.Shape[0], config.Queries, maskFeatures.Shape[2], maskFeatures.Shape[3]];
        classLogits ??= new TextClassifier(text!).Build(g, y, maskFeatures, masks);
        return new Prediction(classLogits, g.Reshape(masks, maskShape), blocked, embedding, maskFeatures);
    }

    private Value CrossAttention(GraphBuilder g, Value x, Value position, Level level, Value blocked, string name)
    {
        // A query that may look nowhere looks everywhere.
        Value closed = g.Cast(blocked, ElementType.Float);                                                      // [N, Q, S]
        Value bias = g.Mul(g.Mul(closed, g.Sub(1f, g.ReduceMin(closed, -1))), -1e9f);
        Value attended = _attention.Build(g, g.Add(x, position), level.Keys, level.Values, g.Unsqueeze(bias, 1), $"{name}.multihead_attn");
        return g.LayerNorm(g.Add(x, attended), $"{name}.norm", Epsilon);
    }

    private Value SelfAttention(GraphBuilder g, Value x, Value position, string name)
    {
        Value query = g.Add(x, position);
        return g.LayerNorm(g.Add(x, _attention.Build(g, query, query, x, null, $"{name}.self_attn")), $"{name}.norm", Epsilon);
    }

    private Value FeedForward(GraphBuilder g, Value x, string name)
    {
        Value hidden = g.Relu(g.Linear(x, $"{name}.linear1", config.FeedForward, Initialize.XavierUniform));
        return g.LayerNorm(g.Add(x, g.Linear(hidden, $"{name}.linear2", config.Width, Initialize.XavierUniform)), $"{name}.norm", Epsilon);
    }

    private Value Embedding(GraphBuilder g, string name, long rows) =>
        g.Parameter($"{name}.weight", [rows, config.Width], Initialize.Normal(1), ParameterKind.Embedding);

    private static Value Flat(GraphBuilder g, Value map) => g.Reshape(map, [map.Shape[0], map.Shape[1], map.Shape[2] * map.Shape[3]]);
}
