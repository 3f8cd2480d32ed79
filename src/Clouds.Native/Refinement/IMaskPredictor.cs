using Clouds.Native.Images;

namespace Clouds.Native.Refinement;

/// <summary>
/// What answers point prompts with masks: Segment Anything, or a stand-in for it. Where it also says that it computes on a device, the refinement
/// computes there too.
/// </summary>
public interface IMaskPredictor
{
    /// <summary>Looks at an image once, for all of its prompts.</summary>
    /// <param name="image">Any size; read until the call returns.</param>
    /// <param name="cancellation">Ends the call.</param>
    IEmbeddedImage Embed(RgbImage image, CancellationToken cancellation = default);
}

/// <summary>An image that prompts can be asked about. One call at a time; dispose it.</summary>
public interface IEmbeddedImage : IDisposable
{
    /// <summary>Sizes of the masks and of what they lie over.</summary>
    MaskFrame Frame { get; }

    /// <summary>Three masks for each prompt; a prompt's answer depends on nothing but the image and the prompt.</summary>
    /// <param name="prompts">What is asked.</param>
    /// <param name="logits">[prompts, 3, MaskHeight, MaskWidth], overwritten; above 0 inside the mask.</param>
    /// <param name="scores">[prompts, 3], overwritten: the overlap with the truth (IoU) that the network expects of each mask.</param>
    /// <param name="cancellation">Ends the call.</param>
    void Predict(MaskPrompts prompts, Span<float> logits, Span<float> scores, CancellationToken cancellation = default);
}

/// <summary>Prompts of one call, each with the same number of points, all of them inside what is looked for.</summary>
public readonly ref struct MaskPrompts
{
    /// <summary>Prompts.</summary>
    /// <param name="count">How many.</param>
    /// <param name="points">(x, y) in pixels of the image, the first pixel's centre at (0, 0): [count, points, 2].</param>
    /// <param name="masks">Logits of a mask for each prompt, [count, MaskHeight, MaskWidth], or empty.</param>
    public MaskPrompts(int count, ReadOnlySpan<float> points, ReadOnlySpan<float> masks = default)
    {
        Count = count;
        Points = points;
        Masks = masks;
    }

    /// <summary>How many.</summary>
    public int Count { get; }

    /// <summary>(x, y) in pixels of the image, the first pixel's centre at (0, 0): [count, points, 2].</summary>
    public ReadOnlySpan<float> Points { get; }

    /// <summary>Logits of a mask for each prompt, [count, MaskHeight, MaskWidth], or empty.</summary>
    public ReadOnlySpan<float> Masks { get; }
}

/// <summary>
/// How a network's masks lie over an image: mask logits are enlarged to the frame, of which the resized image takes the upper left part. All in pixels.
/// </summary>
/// <param name="MaskHeight">Rows of the logits (Segment Anything: 256).</param>
/// <param name="MaskWidth">Columns of the logits (256).</param>
/// <param name="FrameHeight">Rows of the frame (1024).</param>
/// <param name="FrameWidth">Columns of the frame (1024).</param>
/// <param name="InputHeight">Rows of the resized image inside the frame.</param>
/// <param name="InputWidth">Columns of the resized image inside the frame.</param>
public sealed record MaskFrame(int MaskHeight, int MaskWidth, int FrameHeight, int FrameWidth, int InputHeight, int InputWidth);
