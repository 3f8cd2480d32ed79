namespace Clouds.Native.Sam;

/// <summary>A point of an image.</summary>
/// <param name="X">Pixels from the left; pixel i reaches from i to i + 1 and is named by i.</param>
/// <param name="Y">Pixels from the top, likewise.</param>
/// <param name="Inside">Whether it belongs to what is looked for; if not, the mask keeps away from it.</param>
public readonly record struct PromptPoint(float X, float Y, bool Inside = true);

/// <summary>A box around what is looked for, in pixels as <see cref="PromptPoint"/> has them.</summary>
/// <param name="Left">Its left side.</param>
/// <param name="Top">Its upper side.</param>
/// <param name="Right">Its right side, not left of the left one.</param>
/// <param name="Bottom">Its lower side, not above the upper one.</param>
public readonly record struct PromptBox(float Left, float Top, float Right, float Bottom);

/// <summary>What is looked for in an image: points, a box, the mask of an earlier answer, or any of them together.</summary>
public sealed class MaskPrompt
{
    /// <summary>Points; may be none where there is a box or a mask.</summary>
    public IReadOnlyList<PromptPoint> Points { get; init; } = [];

    /// <summary>A box; null: none.</summary>
    public PromptBox? Box { get; init; }

    /// <summary>Logits of a mask to start from, <see cref="ObjectMask.LowResolution"/> of an earlier answer; null: none.</summary>
    public float[]? Mask { get; init; }

    /// <summary>Refuses what is no prompt.</summary>
    /// <param name="maskElements">Logits of a mask.</param>
    /// <exception cref="ArgumentException">
    /// Neither points nor a box nor a mask, a place that is not finite, a box turned inside out, or a mask of another size.
    /// </exception>
    internal void Require(int maskElements)
    {
        bool asks = Points?.Count > 0 || Box is not null || Mask is not null;
        Require(Points is not null && asks, "a prompt has neither points nor a box nor a mask", nameof(Points));
        Require(Points!.All(point => float.IsFinite(point.X) && float.IsFinite(point.Y)), "a point is not finite", nameof(Points));
        if (Box is PromptBox box)
        {
            bool finite = float.IsFinite(box.Left) && float.IsFinite(box.Top) && float.IsFinite(box.Right) && float.IsFinite(box.Bottom);
            Require(finite && box.Left <= box.Right && box.Top <= box.Bottom, $"{box} is no box", nameof(Box));
        }

        Require(Mask is null || Mask.Length == maskElements, $"a mask has {Mask?.Length} logits where the network has {maskElements}", nameof(Mask));
    }

    private static void Require(bool condition, string message, string member)
    {
        if (!condition)
        {
            throw new ArgumentException(message, member);
        }
    }
}
