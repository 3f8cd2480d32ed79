namespace Clouds.Native.Segmentation;

/// <summary>The answer of an image under way on a GPU.</summary>
/// <param name="slot">Where it comes to; its owner completes the answer before the next image takes the place.</param>
internal sealed class PendingLabels(InferenceSlot slot)
{
    private (ushort[] Labels, float[]? Scores)? _answer;

    /// <summary>Waits for it.</summary>
    public (ushort[] Labels, float[]? Scores) Complete() => _answer ??= slot.Take();
}
