using Clouds.Native.Images;
using Clouds.Native.Refinement;

namespace Clouds.Native.Sam;

/// <summary>A mask that was found without a prompt of the caller's.</summary>
public sealed class FoundMask
{
    /// <summary>Its pixels.</summary>
    public required PixelMask Mask { get; init; }

    /// <summary>The overlap with the truth (IoU) that the network expects.</summary>
    public required float Score { get; init; }

    /// <summary>Share of its pixels that stay when the threshold is moved, 0..1.</summary>
    public required float Stability { get; init; }

    /// <summary>Its box: first and last columns and rows, so that a mask of one pixel has a box of no width.</summary>
    public required PromptBox Box { get; init; }

    /// <summary>The point that was asked for, in pixels of the image.</summary>
    public required PromptPoint Point { get; init; }

    /// <summary>The part of the image that was looked at.</summary>
    public required PixelWindow Crop { get; init; }

    internal FoundMask With(PixelMask mask, PromptBox box) => new()
    {
        Mask = mask, Score = Score, Stability = Stability, Box = box, Point = Point, Crop = Crop,
    };
}
