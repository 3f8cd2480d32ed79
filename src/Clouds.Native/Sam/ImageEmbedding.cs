using System.IO.Hashing;
using System.Runtime.InteropServices;
using Clouds.Native.Images;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.Sam;

/// <summary>
/// An image as Segment Anything has seen it, to be asked about as often as one likes, 4 MB with the published sizes. Any number of threads may ask; it can be
/// saved and read again. It belongs to the <see cref="SegmentAnything"/> that made or read it, and needs no disposal.
/// </summary>
public sealed class ImageEmbedding
{
    // The odds of a drawn mask, inside or outside, are taken for a thousand to one.
    private static readonly float Certain = MathF.Log(1000);

    private readonly SegmentAnything _owner;

    internal ImageEmbedding(SegmentAnything owner, int width, int height, string imageDigest, float[] values) =>
        (_owner, Width, Height, ImageDigest, Values) = (owner, width, height, imageDigest, values);

    /// <summary>Pixels a row of the image.</summary>
    public int Width { get; }

    /// <summary>Rows of the image.</summary>
    public int Height { get; }

    /// <summary>What tells the image from others: XXH128 of its sizes and pixels, 32 hexadecimal digits.</summary>
    public string ImageDigest { get; }

    /// <summary>[C, e, e].</summary>
    internal float[] Values { get; }

    /// <summary>The digest that an image's embeddings have: for those who keep embeddings by image.</summary>
    public static string DigestOf(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        XxHash128 hash = new();
        hash.Append(MemoryMarshal.AsBytes([image.Width, image.Height]));
        hash.Append(image.Pixels);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>A mask that somebody has drawn, as <see cref="MaskPrompt.Mask"/> takes it.</summary>
    /// <param name="inside">Width · Height truth values in raster order.</param>
    /// <exception cref="ArgumentException">Of another size than the image.</exception>
    public float[] MaskOf(ReadOnlySpan<bool> inside)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(inside.Length, Width * Height, nameof(inside));
        MaskGeometry geometry = _owner.GeometryOf(Width, Height);
        float[] logits = new float[geometry.MaskPixels];
        for (int i = 0; i < logits.Length; i++)
        {
            // Where the logit's centre lies in the image; the rest of the frame is outside.
            int x = (int)(((i % geometry.MaskWidth) + 0.5) * geometry.FrameWidth * Width / ((double)geometry.MaskWidth * geometry.InputWidth));
            int y = (int)(((i / geometry.MaskWidth) + 0.5) * geometry.FrameHeight * Height / ((double)geometry.MaskHeight * geometry.InputHeight));
            logits[i] = x < Width && y < Height && inside[(y * Width) + x] ? Certain : -Certain;
        }

        return logits;
    }

    /// <summary>Answers one prompt.</summary>
    /// <param name="points">Points, in pixels of the image; null: none, there is a box.</param>
    /// <param name="box">A box; null: none.</param>
    /// <param name="mask">Logits of a mask to start from, <see cref="ObjectMask.LowResolution"/> of an earlier answer; null: none.</param>
    /// <param name="single">One mask instead of a choice of three: for prompts that leave no doubt, such as a box or several points.</param>
    /// <param name="cancellation">Ends the call, when the operator that runs has ended.</param>
    /// <exception cref="ArgumentException">No prompt: see <see cref="MaskPrompt"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The <see cref="SegmentAnything"/> is disposed, or was meanwhile.</exception>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Numeric: the answer is not finite; Device: no memory, or the GPU failed.</exception>
    public PromptAnswer Predict(
        IReadOnlyList<PromptPoint>? points = null, PromptBox? box = null, float[]? mask = null, bool single = false,
        CancellationToken cancellation = default) =>
        Predict([new MaskPrompt { Points = points ?? [], Box = box, Mask = mask }], single, cancellation).Single();

    /// <summary>
    /// Answers prompts as they are read, <see cref="SegmentAnythingOptions.PromptsAtOnce"/> of them at a time, so that memory stays the same however many there
    /// are. Prompts with equally many points, and with a box and a mask or without, are answered together where they stand one behind the other.
    /// </summary>
    /// <param name="prompts">Any number; read while the answers are enumerated.</param>
    /// <param name="single">As above.</param>
    /// <param name="cancellation">As above.</param>
    /// <returns>An answer for each prompt, in their order; failures as above, while it is enumerated.</returns>
    public IEnumerable<PromptAnswer> Predict(IEnumerable<MaskPrompt> prompts, bool single = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        return _owner.Answer(this, prompts, single, cancellation);
    }

    /// <summary>Writes the embedding to a file, which <see cref="SegmentAnything.OpenEmbedding"/> reads. The file is there as a whole or not at all.</summary>
    /// <param name="path">Missing folders are made.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Output: it cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        EmbeddingFile.Write(path, this, _owner.ModelDigest);
    }
}
