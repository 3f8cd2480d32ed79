using Clouds.Graph.Building;
using Clouds.Models.Sam;
using Clouds.Training.Engine;

namespace Clouds.Training.Promptable;

/// <summary>Sizes of one training step.</summary>
/// <param name="Images">B, images a step.</param>
/// <param name="Prompts">K, prompts an image.</param>
/// <param name="Points">Most points a prompt.</param>
/// <param name="Frame">S, side of the network's frame in pixels.</param>
/// <param name="Mask">s, side of the mask logits.</param>
public sealed record PromptStepShape(int Images, int Prompts, int Points, int Frame, int Mask)
{
    /// <summary>P, tokens a prompt: its points, and the two corners of its box.</summary>
    public int Tokens => Points + 2;

    /// <summary>N, prompts of all images, image by image.</summary>
    public int All => Images * Prompts;

    /// <summary>Sizes of the steps of a training.</summary>
    public static PromptStepShape Of(SamTrainingConfig config) =>
        new(config.Batch, config.Prompts, config.Points, config.Network.Encoder.ImageSize, 4 * config.Network.Encoder.Grid);
}

/// <summary>What a training graph is given. The one place that knows names and shapes.</summary>
/// <param name="shape">Sizes.</param>
public sealed class PromptPorts(PromptStepShape shape)
{
    /// <summary>float [B, 3, S, S], normalised, the image at the top left and zeros around it.</summary>
    public Port<float> Image { get; } = new("image", [shape.Images, 3, shape.Frame, shape.Frame]);

    /// <summary>float [N, P, 2], (x, y) in pixels of the frame, as <see cref="PromptEncoder.Points"/> wants them.</summary>
    public Port<float> Points { get; } = new("prompt.points", [shape.All, shape.Tokens, 2]);

    /// <summary>int64 [N, P], labels of <see cref="PromptEncoder"/>; what a prompt lacks is padding.</summary>
    public Port<long> Labels { get; } = new("prompt.labels", [shape.All, shape.Tokens]);

    /// <summary>uint8 [N, s · s], 1 inside the mask that the prompt means.</summary>
    public Port<byte> Masks { get; } = new("target.masks", [shape.All, shape.Mask * shape.Mask]);

    /// <summary>uint8 [B, s · s], 1 where there is an image and not what fills up the frame.</summary>
    public Port<byte> Inside { get; } = new("target.inside", [shape.Images, shape.Mask * shape.Mask]);

    /// <summary>float [N], 1 = a prompt, 0 = an image without masks.</summary>
    public Port<float> Valid { get; } = new("prompt.valid", [shape.All]);

    /// <summary>float [N], 1 = the prompt leaves no doubt: it has more than one point, or a box and a point.</summary>
    public Port<float> Clear { get; } = new("prompt.clear", [shape.All]);

    /// <summary>float scalar, prompts in the global batch over ranks, at least 1.</summary>
    public Port<float> Count { get; } = new("prompt.count", []);

    /// <summary>Declares the targets in a graph.</summary>
    public PromptTargets TargetsIn(GraphBuilder g)
    {
        Value inside = g.Unsqueeze(g.Cast(Inside.In(g), ElementType.Float), 1);                                 // [B, 1, s·s]
        long pixels = inside.Shape[2].Size;
        Value each = g.Reshape(g.Expand(inside, [shape.Images, shape.Prompts, pixels]), [shape.All, pixels]);
        return new(g.Cast(Masks.In(g), ElementType.Float), each, Valid.In(g), Clear.In(g), Count.In(g));
    }
}

/// <summary>What prompts should be answered with, as floats: masks and the image's part of the frame [N, s · s], and as in <see cref="PromptPorts"/>.</summary>
public sealed record PromptTargets(Value Masks, Value Inside, Value Valid, Value Clear, Value Count);
