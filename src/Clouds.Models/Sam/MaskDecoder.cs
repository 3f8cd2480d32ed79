using Clouds.Graph.Building;

namespace Clouds.Models.Sam;

/// <summary>Sizes of the mask decoder (method.md section 4.3).</summary>
public sealed record MaskDecoderConfig
{
    /// <summary>Layers of the two-way transformer. Segment Anything: 2.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Attention heads. Segment Anything: 8.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>Hidden width of the feed-forward networks. Segment Anything: 2048.</summary>
    public int FeedForward { get; init; } = 2048;

    /// <summary>Masks from which one is chosen where a prompt may mean several things. Segment Anything: 3.</summary>
    public int Masks { get; init; } = 3;

    /// <summary>Hidden width of the network that foretells each mask's IoU. Segment Anything: 256.</summary>
    public int ScoreWidth { get; init; } = 256;

    /// <summary>Its layers. Segment Anything: 3.</summary>
    public int ScoreLayers { get; init; } = 3;
}

/// <summary>What the decoder answers to each prompt.</summary>
/// <param name="Masks">Logits [N, 1 + m, 4 e, 4 e]: the one mask for prompts that leave no doubt, then the m of which one is chosen.</param>
/// <param name="Scores">[N, 1 + m], the IoU foretold for each.</param>
public sealed record MaskPrediction(Value Masks, Value Scores);

/// <summary>
/// Segment Anything's mask decoder (Kirillov et al. 2023, figure 14; method.md section 4.3): tokens and image attend to each other, the image is enlarged
/// fourfold, and each mask token makes the vector with which the enlarged image is multiplied. Parameter names are those of the official checkpoints
/// from "mask_decoder." on.
/// </summary>
/// <param name="config">Sizes.</param>
public sealed class MaskDecoder(MaskDecoderConfig config)
{
    private const float Epsilon = 1e-6f;
    private const int HyperLayers = 3;

    private int Tokens => 1 + config.Masks;

    // N prompts · P prompt tokens · C channels · e×e the embedding's cells · m = config.Masks
    /// <summary>Builds the network.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="image">[N, C, e, e], or [1, C, e, e] where all prompts see the same: embedding and mask prompt, added.</param>
    /// <param name="places">[e · e, C], the cells' positions.</param>
    /// <param name="prompts">[N, P, C], or null: there are no tokens of prompts, and N is the image's.</param>
    public MaskPrediction Build(GraphBuilder g, Value image, Value places, Value? prompts)
    {
        (long n, long channels, long grid) = ((prompts ?? image).Shape[0].Size, image.Shape[1].Size, image.Shape[2].Size);
        Value own = g.Concat(0, Token(g, "iou_token", 1, channels), Token(g, "mask_tokens", Tokens, channels));     // [1 + 1 + m, C]
        Value tokens = g.Expand(g.Unsqueeze(own, 0), [n, 1 + Tokens, channels]);
        tokens = prompts is null ? tokens : g.Concat(1, tokens, prompts);                                       // [N, 2 + m + P, C]
        Value cells = g.Transpose(g.Reshape(image, [image.Shape[0], channels, grid * grid]), 0, 2, 1);          // [N or 1, e·e, C]
        (Value answers, Value seen) = new TwoWayTransformer(config).Build(g, cells, places, tokens);

        Value score = g.Squeeze(g.Slice(answers, 1, 0, 1), 1);                                                  // [N, C]
        Value scores = Layers(g, score, "iou_prediction_head", config.ScoreLayers, config.ScoreWidth, Tokens);  // [N, 1 + m]
        Value vectors = Vectors(g, answers, channels);                                                          // [N, 1 + m, C/8]
        Value fine = Enlarged(g, seen, channels);                                                               // [N, e·e·16, C/8]
        return new MaskPrediction(Raster(g, g.MatMul(vectors, g.Transpose(fine, 0, 2, 1)), grid), scores);
    }

    private Value Vectors(GraphBuilder g, Value answers, long channels)
    {
        Value Of(int mask) => Layers(
            g, g.Slice(answers, 1, 1 + mask, 2 + mask), $"output_hypernetworks_mlps.{mask}", HyperLayers, channels, channels / 8);

        return g.Concat(1, [.. Enumerable.Range(0, Tokens).Select(Of)]);
    }

    // [N, e·e, C] to [N, e·e·16, C/8]: each cell's 2 x 2 parts, then their 2 x 2 parts.
    private static Value Enlarged(GraphBuilder g, Value cells, long channels)
    {
        Value x = Enlarge(g, cells, "output_upscaling.0", channels / 4);
        x = g.Gelu(g.LayerNorm(x, "output_upscaling.1", Epsilon));
        return g.Gelu(Enlarge(g, x, "output_upscaling.3", channels / 8));
    }

    // A transposed convolution whose kernel is as large as its step gives each cell parts of its own, so it is a linear layer for each row.
    private static Value Enlarge(GraphBuilder g, Value rows, string name, long outputs)
    {
        (long n, long cells, long inputs) = (rows.Shape[0].Size, rows.Shape[1].Size, rows.Shape[2].Size);
        Value kernel = g.Parameter($"{name}.weight", [inputs, outputs, 2, 2], Initialize.FrameworkWeight);
        Value bias = g.Parameter($"{name}.bias", [outputs], Initialize.FrameworkBias(4 * outputs));
        Value matrix = g.Reshape(g.Transpose(kernel, 2, 3, 1, 0), [4 * outputs, inputs]);
        Value parts = g.Linear(rows, matrix, g.Reshape(g.Expand(g.Unsqueeze(bias, 0), [4, outputs]), [4 * outputs]));
        return g.Reshape(parts, [n, 4 * cells, outputs]);
    }

    // [N, 1 + m, e·e·16], cells' parts behind each other, to maps [N, 1 + m, 4 e, 4 e].
    private Value Raster(GraphBuilder g, Value masks, long grid)
    {
        long n = masks.Shape[0].Size;
        Value parts = g.Reshape(masks, [n * Tokens, grid, grid, 2, 2, 2, 2]);                                   // row, column, half, half, quarter, quarter
        return g.Reshape(g.Transpose(parts, 0, 1, 3, 5, 2, 4, 6), [n, Tokens, 4 * grid, 4 * grid]);
    }

    private static Value Layers(GraphBuilder g, Value x, string name, int layers, long hidden, long outputs)
    {
        for (int layer = 0; layer < layers - 1; layer++)
        {
            x = g.Relu(g.Linear(x, $"{name}.layers.{layer}", hidden));
        }

        return g.Linear(x, $"{name}.layers.{layers - 1}", outputs);
    }

    private static Value Token(GraphBuilder g, string name, long rows, long channels) =>
        g.Parameter($"{name}.weight", [rows, channels], Initialize.Normal(1), ParameterKind.Embedding);
}
