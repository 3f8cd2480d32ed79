using Clouds.Native.Refinement;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.Sam;

/// <summary>What Segment Anything answers to a prompt.</summary>
public sealed class PromptAnswer
{
    internal PromptAnswer(IReadOnlyList<ObjectMask> masks) => Masks = masks;

    /// <summary>One mask where one was asked for, else three: a prompt may mean a thing, a part of it, or more than it.</summary>
    public IReadOnlyList<ObjectMask> Masks { get; }

    /// <summary>The mask with the highest score; the first among equals.</summary>
    public ObjectMask Best => Masks.MaxBy(mask => mask.Score)!;
}

/// <summary>A mask. It holds the network's own small map, and is enlarged when it is asked for.</summary>
public sealed class ObjectMask
{
    internal ObjectMask(MaskGeometry geometry, float[] logits, float score) => (Geometry, LowResolution, Score) = (geometry, logits, score);

    /// <summary>The overlap with the truth (IoU) that the network expects.</summary>
    public float Score { get; }

    /// <summary>Pixels a row of the image.</summary>
    public int Width => Geometry.OutputWidth;

    /// <summary>Rows of the image.</summary>
    public int Height => Geometry.OutputHeight;

    /// <summary>
    /// The network's map over its square frame, 256 x 256 with the published sizes: above 0 inside. What <see cref="MaskPrompt.Mask"/> takes.
    /// </summary>
    public float[] LowResolution { get; }

    /// <summary>How the map lies over the image.</summary>
    internal MaskGeometry Geometry { get; }

    /// <summary>The mask at the image's size: Width · Height logits in raster order, above 0 inside, by the two resizes of the reference.</summary>
    /// <param name="threads">0 = one a processor; the numbers are the same for any.</param>
    public float[] ToLogits(int threads = 0)
    {
        float[] values = new float[Geometry.Pixels];
        MaskResize.Run(Geometry, LowResolution, values, threads);
        return values;
    }

    /// <summary>The mask at the image's size: Width · Height truth values in raster order.</summary>
    /// <param name="threshold">Logits above it are inside. Reference: 0.</param>
    /// <param name="threads">0 = one a processor.</param>
    public bool[] ToPixels(float threshold = 0, int threads = 0) => Array.ConvertAll(ToLogits(threads), logit => logit > threshold);

    /// <summary>The same pixels as bits, which take little memory and know their number.</summary>
    /// <param name="threshold">As above.</param>
    /// <param name="threads">As above.</param>
    public PixelMask ToMask(float threshold = 0, int threads = 0)
    {
        float[] logits = ToLogits(threads);
        int words = PixelMask.Words(Width);
        uint[] plane = new uint[words * Height];
        for (int i = 0; i < logits.Length; i++)
        {
            (int y, int x) = (i / Width, i % Width);
            plane[(y * words) + (x / PixelMask.WordBits)] |= logits[i] > threshold ? 1u << (x % PixelMask.WordBits) : 0;
        }

        return PixelMask.Of(plane, Width, Height);
    }
}
