using Clouds.Graph.Building;
using Clouds.Models.Sam;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Golden.Modules;

/// <summary>How the reference arranges prompts, and what it makes of the decoder's masks.</summary>
internal static class SamPrompts
{
    /// <summary>Points [N, P, 2] and labels [N, P] with the one that stands where a prompt has no box.</summary>
    public static (Value Points, Value Labels) Padded(GraphBuilder g, Value points, Value labels)
    {
        long n = points.Shape[0].Size;
        Value nothing = g.Constant(Literal.Of([.. Enumerable.Repeat(PromptEncoder.Padding, (int)n)], n, 1));
        return (g.Concat(1, points, g.Constant(new float[2 * n], n, 1, 2)), g.Concat(1, labels, nothing));
    }

    /// <summary>Boxes [N, 4] as two points each, with their labels.</summary>
    public static (Value Points, Value Labels) Corners(GraphBuilder g, Value boxes)
    {
        long n = boxes.Shape[0].Size;
        return (g.Reshape(boxes, [n, 2, 2]), g.Constant(Literal.Of(CornerLabels(n), n, 2)));
    }

    /// <summary>Labels of the corners of n boxes: [n, 2].</summary>
    public static long[] CornerLabels(long n) =>
        [.. Enumerable.Range(0, (int)(2 * n)).Select(i => i % 2 == 0 ? PromptEncoder.UpperLeft : PromptEncoder.LowerRight)];

    /// <summary>Masks [N, m, 4 e, 4 e] at the image's own size.</summary>
    public static GoldenTensor Resized(GoldenTensor masks, MaskGeometry geometry)
    {
        float[] values = new float[masks.Shape[0] * masks.Shape[1] * geometry.Pixels];
        MaskResize.Run(geometry, masks.AsFloats(), values);
        return new GoldenTensor(values, masks.Shape[0], masks.Shape[1], geometry.OutputHeight, geometry.OutputWidth);
    }

    /// <summary>1 where a logit is above the threshold.</summary>
    public static GoldenTensor Above(GoldenTensor logits, double threshold) =>
        new(Array.ConvertAll(logits.AsFloats(), logit => logit > threshold), logits.Shape);

    /// <summary>Sizes that both modules have under the same names.</summary>
    public static MaskDecoderConfig Decoder(CaseConfig config) => new()
    {
        Layers = config.Int("dec_depth"),
        Heads = config.Int("dec_heads"),
        FeedForward = config.Int("dec_mlp"),
        Masks = config.Int("num_multimask_outputs"),
        ScoreWidth = config.Int("iou_hidden"),
        ScoreLayers = config.Int("iou_head_depth"),
    };
}
