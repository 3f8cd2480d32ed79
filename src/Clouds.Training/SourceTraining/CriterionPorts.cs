using Clouds.Graph.Building;
using Clouds.Native.Images;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>
/// What a training graph is given besides features: the targets of every image, padded to T slots, and every random draw. The one place that
/// knows their names and shapes.
/// </summary>
/// <param name="config">Numbers of points P.</param>
/// <param name="predictions">Supervised predictions.</param>
/// <param name="shape">N images of H x W pixels with T slots each.</param>
/// <param name="scaled">Whether the class loss is scaled, for images that are a part of a step.</param>
public sealed class CriterionPorts(CriterionConfig config, int predictions, StepShape shape, bool scaled = false)
{
    /// <summary>int64 [N, T], class of each target; anything in padding slots.</summary>
    public Port<long> Labels { get; } = new("target.labels", [shape.Images, shape.Slots]);

    /// <summary>uint8 [N, T, H, W], 0 or 1, full resolution.</summary>
    public Port<byte> Masks { get; } = new("target.masks", [shape.Images, shape.Slots, shape.Height, shape.Width]);

    /// <summary>uint8 [N, H, W], the class of every pixel, in the place of <see cref="Masks"/> where no two targets of an image share a class.</summary>
    public Port<byte> Map { get; } = new("target.map", [shape.Images, shape.Height, shape.Width]);

    /// <summary>float [N, T], 1 = a target, 0 = padding.</summary>
    public Port<float> Valid { get; } = new("target.valid", [shape.Images, shape.Slots]);

    /// <summary>float scalar, targets in the global batch over ranks, at least 1 (method.md section 2.4).</summary>
    public Port<float> NumMasks { get; } = new("num_masks", []);

    /// <summary>
    /// float scalar, what the class loss is multiplied with: the class weights of this rank's images over their mean over the ranks; 1 where they are all.
    /// Null: no graph has it.
    /// </summary>
    public Port<float>? ClassScale { get; } = scaled ? new("class_scale", []) : null;

    /// <summary>Uniform draws of each prediction.</summary>
    public IReadOnlyList<DrawPorts> Draws { get; } = [.. Enumerable.Range(0, predictions).Select(p => new DrawPorts(config, p, shape))];

    /// <summary>uint8 [N, H, W], 1 = the pixel has a label, beside <see cref="Masks"/> where pixels without one count for nothing.</summary>
    public Port<byte> Labelled { get; } = new("target.labelled", [shape.Images, shape.Height, shape.Width]);

    /// <summary>float [N], what each image weighs in the loss.</summary>
    public Port<float> ImageWeights { get; } = new("image.weights", [shape.Images]);

    /// <summary>Declares what a graph needs of them, the targets' masks as such.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="weighted">Whether images have weights.</param>
    public CriterionInputs In(GraphBuilder g, bool weighted = false) =>
        new(Labels.In(g), Masks.In(g), Valid.In(g), NumMasks.In(g), [.. Draws.Select(draws => draws.In(g))])
        {
            Labelled = Excludes ? g.Cast(Labelled.In(g), ElementType.Float) : null,
            ImageWeights = weighted ? ImageWeights.In(g) : null,
            ClassScale = ClassScale?.In(g),
        };

    /// <summary>The same with the targets' masks as one map an image, a twentieth of the bytes.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="weighted">Whether images have weights.</param>
    public CriterionInputs WithMap(GraphBuilder g, bool weighted = false)
    {
        (Value labels, Value valid, Value map) = (Labels.In(g), Valid.In(g), g.Cast(Map.In(g), ElementType.Float));
        return new(labels, MasksOf(g, map, labels, valid), valid, NumMasks.In(g), [.. Draws.Select(draws => draws.In(g))])
        {
            Labelled = Excludes ? g.Sub(1f, g.Cast(g.Equal(map, g.Constant((float)LabelMap.Ignore)), ElementType.Float)) : null,
            ImageWeights = weighted ? ImageWeights.In(g) : null,
            ClassScale = ClassScale?.In(g),
        };
    }

    private bool Excludes => config.IgnoreMode == IgnoreMode.Exclude;

    // Floats, because CUDA's Equal knows no bytes; no pixel is of class -1, which padding slots get.
    private static Value MasksOf(GraphBuilder g, Value map, Value labels, Value valid)
    {
        Value classes = g.Add(g.Mul(valid, g.Add(g.Cast(labels, ElementType.Float), 1f)), -1f);                 // [N, T]
        Value pixels = g.Unsqueeze(map, 1);                                                                     // [N, 1, H, W]
        return g.Cast(g.Equal(pixels, g.Unsqueeze(g.Unsqueeze(classes, 2), 3)), ElementType.UInt8);             // [N, T, H, W]
    }
}

/// <summary>Uniform draws in [0, 1) of one prediction, (x, y) pairs; slot t of image n is row n · T + t.</summary>
/// <param name="config">Numbers of points P.</param>
/// <param name="prediction">Number of the prediction.</param>
/// <param name="shape">N images with T slots each.</param>
public sealed class DrawPorts(CriterionConfig config, int prediction, StepShape shape)
{
    /// <summary>float [N, P, 2], shared by all queries and targets of an image.</summary>
    public Port<float> Matcher { get; } = new($"draws.{prediction}.matcher", [shape.Images, config.Points, 2]);

    /// <summary>float [N·T, 3P, 2].</summary>
    public Port<float> Candidates { get; } = new($"draws.{prediction}.candidates", [shape.Images * shape.Slots, config.Candidates, 2]);

    /// <summary>float [N·T, P - ⌊0.75 P⌋, 2].</summary>
    public Port<float> Fresh { get; } = new($"draws.{prediction}.fresh", [shape.Images * shape.Slots, config.Fresh, 2]);

    internal PointDraws In(GraphBuilder g) => new(Matcher.In(g), Candidates.In(g), Fresh.In(g));
}

/// <summary>The values of <see cref="CriterionPorts"/> in a graph.</summary>
public sealed record CriterionInputs(Value Labels, Value Masks, Value Valid, Value NumMasks, IReadOnlyList<PointDraws> Draws)
{
    /// <summary>float [N, H, W], 1 = the pixel has a label; null: pixels without one are outside every mask.</summary>
    public Value? Labelled { get; init; }

    /// <summary>float [N], what each image weighs in the loss; null: 1.</summary>
    public Value? ImageWeights { get; init; }

    /// <summary>What the class loss is multiplied with; null: nothing.</summary>
    public Value? ClassScale { get; init; }
}

/// <summary>The values of <see cref="DrawPorts"/> in a graph.</summary>
public sealed record PointDraws(Value Matcher, Value Candidates, Value Fresh);
