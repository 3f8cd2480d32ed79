namespace Clouds.Native.Segmentation;

/// <summary>The answer for one image, at the image's own size.</summary>
/// <param name="Width">Pixels a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Labels">Width · Height train ids in raster order, 0 .. number of classes - 1.</param>
/// <param name="Scores">
/// Classes · Height · Width scores, class planes one behind the other, not normalised (method.md section 1.7); null where they were not asked for.
/// </param>
public sealed record SegmentationResult(int Width, int Height, ushort[] Labels, float[]? Scores);
