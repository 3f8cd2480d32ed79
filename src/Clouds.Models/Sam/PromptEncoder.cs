using Clouds.Graph.Building;
using Clouds.Models.Layers;

namespace Clouds.Models.Sam;

/// <summary>
/// Segment Anything's prompt encoder (Kirillov et al. 2023, appendix A; method.md section 4.3): a position as sines and cosines of random frequencies, plus a
/// learned vector for what stands there. A box is two points with labels of their own. Parameter names are those of the official checkpoints from
/// "prompt_encoder." on.
/// </summary>
/// <param name="config">Sizes of the whole network.</param>
public sealed class PromptEncoder(SamConfig config)
{
    /// <summary>Label of what fills up a prompt; a prompt without a box ends with one such point.</summary>
    public const long Padding = -1;

    /// <summary>Label of a point outside the object.</summary>
    public const long Background = 0;

    /// <summary>Label of a point inside the object.</summary>
    public const long Foreground = 1;

    /// <summary>Label of a box's upper left corner.</summary>
    public const long UpperLeft = 2;

    /// <summary>Label of a box's lower right corner.</summary>
    public const long LowerRight = 3;

    private const float Epsilon = 1e-6f;
    private const int Labels = 4;

    // N prompts · P points · C channels of the embedding · e×e its cells · S side of the frame in pixels
    /// <summary>Points and corners of boxes as tokens.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="points">[N, P, 2], (x, y) in pixels of the frame, whole numbers at the pixels' upper left corners.</param>
    /// <param name="labels">int64 [N, P], one of the labels above.</param>
    /// <returns>[N, P, C].</returns>
    public Value Points(GraphBuilder g, Value points, Value labels)
    {
        Value position = Positions(g, g.Mul(g.Add(points, 0.5f), 1f / config.Encoder.ImageSize));               // [N, P, C]
        Value somewhere = g.Cast(g.Greater(labels, g.Integers(Padding)), ElementType.Float);                    // [N, P], 0 for padding
        Value[] vectors = [Vector(g, "not_a_point_embed"), .. Enumerable.Range(0, Labels).Select(label => Vector(g, $"point_embeddings.{label}"))];
        Value meaning = g.Gather(g.Concat(0, vectors), g.Add(labels, g.Integers(-Padding)));                    // [N, P, C]
        return g.Add(g.Mul(position, g.Unsqueeze(somewhere, 2)), meaning);
    }

    /// <summary>Mask logits [N, 1, 4 e, 4 e], mostly those of an earlier answer, as a map [N, C, e, e].</summary>
    public Value Mask(GraphBuilder g, Value logits)
    {
        Value x = g.Conv(logits, "mask_downscaling.0", config.MaskChannels / 4, kernel: 2, stride: 2);          // [N, ., 2 e, 2 e]
        x = g.Gelu(ChannelNorm.Of(g, x, "mask_downscaling.1", Epsilon));
        x = g.Conv(x, "mask_downscaling.3", config.MaskChannels, kernel: 2, stride: 2);                         // [N, ., e, e]
        x = g.Gelu(ChannelNorm.Of(g, x, "mask_downscaling.4", Epsilon));
        return g.Conv(x, "mask_downscaling.6", config.Encoder.Channels, kernel: 1);
    }

    /// <summary>What stands for a mask where there is none: [1, C, 1, 1].</summary>
    public Value NoMask(GraphBuilder g) => g.Reshape(Vector(g, "no_mask_embed"), [1, config.Encoder.Channels, 1, 1]);

    /// <summary>Positions of the embedding's cells in raster order: [e · e, C].</summary>
    public Value Cells(GraphBuilder g)
    {
        int grid = config.Encoder.Grid;
        float[] centres = [.. Enumerable.Range(0, grid * grid).SelectMany(cell => new[] { ((cell % grid) + 0.5f) / grid, ((cell / grid) + 0.5f) / grid })];
        return Positions(g, g.Constant(centres, (long)grid * grid, 2));
    }

    // places [..., 2], (x, y) in 0..1 over the frame, to [..., C].
    private Value Positions(GraphBuilder g, Value places)
    {
        Value frequencies = g.Parameter("pe_layer.positional_encoding_gaussian_matrix", [2, config.Encoder.Channels / 2], Initialize.Normal(1),
            ParameterKind.Statistic);
        Value angles = g.Mul(g.MatMul(g.Sub(g.Mul(places, 2f), g.Constant(1f)), frequencies), (float)(2 * Math.PI));
        return g.Concat(-1, g.Sin(angles), g.Cos(angles));
    }

    private Value Vector(GraphBuilder g, string name) =>
        g.Parameter($"{name}.weight", [1, config.Encoder.Channels], Initialize.Normal(1), ParameterKind.Embedding);
}
