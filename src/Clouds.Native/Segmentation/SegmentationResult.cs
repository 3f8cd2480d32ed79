using Clouds.Native.Images;

namespace Clouds.Native.Segmentation;

/// <summary>The answer for one image, at the image's own size.</summary>
/// <param name="width">Pixels a row.</param>
/// <param name="height">Rows.</param>
/// <param name="labels">Width · height train ids.</param>
/// <param name="scores">Class scores; null where they were not asked for.</param>
public sealed class SegmentationResult(int width, int height, ushort[] labels, float[]? scores)
{
    /// <summary>Pixels a row.</summary>
    public int Width => width;

    /// <summary>Rows.</summary>
    public int Height => height;

    /// <summary>Width · Height train ids in raster order, 0 .. number of classes - 1.</summary>
    public ushort[] Labels => labels;

    /// <summary>
    /// Classes · Height · Width scores, class planes one behind the other, not normalised (method.md section 1.7); null where they were not asked for.
    /// </summary>
    public float[]? Scores => scores;

    /// <summary>The labels as a map, over the same memory.</summary>
    public LabelMap Map => new(width, height, labels);
}
