namespace Clouds.Native.Generation.Store;

/// <summary>What was noticed about an image.</summary>
public enum MarkReason
{
    /// <summary>It shows nothing: black, or of one colour.</summary>
    Constant,

    /// <summary>It shows what an earlier image shows.</summary>
    Duplicate,

    /// <summary>It does not show its prompt, as a CLIP sees it.</summary>
    Prompt,
}

/// <summary>A remark about an image of a store; the image stays where it is.</summary>
/// <param name="File">The image, as the store's list names it.</param>
/// <param name="Reason">What was noticed.</param>
/// <param name="Value">Standard deviation of brightness, bits of distance, or CLIP score.</param>
/// <param name="Of">The earlier image, for duplicates; null otherwise.</param>
public sealed record ImageMark(string File, MarkReason Reason, double Value, string? Of = null);
