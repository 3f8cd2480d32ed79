using Clouds.Graph.Building;

namespace Clouds.Training.SourceTraining;

/// <summary>
/// What a training graph is given besides features: the targets of every image, padded to T slots, and every random draw.
/// </summary>
/// <param name="Labels">"target.labels": int64 [N, T], class of each target; anything in padding slots.</param>
/// <param name="Masks">"target.masks": uint8 [N, T, H, W], 0 or 1, full resolution.</param>
/// <param name="Valid">"target.valid": float [N, T], 1 = a target, 0 = padding.</param>
/// <param name="NumMasks">"num_masks": float scalar, targets in the global batch over ranks, at least 1 (method.md section 2.4).</param>
/// <param name="Draws">Uniform draws of each prediction.</param>
public sealed record CriterionInputs(Value Labels, Value Masks, Value Valid, Value NumMasks, IReadOnlyList<PointDraws> Draws)
{
    /// <summary>Declares the inputs in a graph.</summary>
    public static CriterionInputs Declare(GraphBuilder g, CriterionConfig config, int predictions, long images, long slots, long height, long width) => new(
        g.Input("target.labels", ElementType.Int64, [images, slots]),
        g.Input("target.masks", ElementType.UInt8, [images, slots, height, width]),
        g.Input("target.valid", ElementType.Float, [images, slots]),
        g.Input("num_masks", ElementType.Float, []),
        [.. Enumerable.Range(0, predictions).Select(p => PointDraws.Declare(g, config, p, images, slots))]);
}

/// <summary>Uniform draws in [0, 1) of one prediction, (x, y) pairs; slot t of image n is row n · T + t.</summary>
/// <param name="Matcher">"draws.{p}.matcher": [N, P, 2], shared by all queries and targets of an image.</param>
/// <param name="Candidates">"draws.{p}.candidates": [N·T, 3P, 2].</param>
/// <param name="Fresh">"draws.{p}.fresh": [N·T, P - ⌊0.75 P⌋, 2].</param>
public sealed record PointDraws(Value Matcher, Value Candidates, Value Fresh)
{
    internal static PointDraws Declare(GraphBuilder g, CriterionConfig config, int prediction, long images, long slots)
    {
        string name = $"draws.{prediction}";
        Value Points(string purpose, long rows, long count) => g.Input($"{name}.{purpose}", ElementType.Float, [rows, count, 2]);
        return new PointDraws(
            Points("matcher", images, config.Points),
            Points("candidates", images * slots, config.Candidates),
            Points("fresh", images * slots, config.Fresh));
    }
}
