namespace Clouds.Training.Evaluation;

/// <summary>One row of the table of images.</summary>
/// <param name="Name">The sample.</param>
/// <param name="MeanIou">Mean IoU over the classes that occur in this image, 0 to 1; null where every pixel is ignored.</param>
/// <param name="PixelAccuracy">Share of its counted pixels predicted right; null likewise.</param>
/// <param name="Pixels">Counted pixels.</param>
/// <param name="IgnoredPixels">Pixels whose truth is 255.</param>
/// <param name="ClassIou">IoU of each class; null where the class is absent from the image's truth.</param>
public sealed record ImageScore(string Name, double? MeanIou, double? PixelAccuracy, long Pixels, long IgnoredPixels, IReadOnlyList<double?> ClassIou)
{
    /// <summary>The scores of one image.</summary>
    /// <param name="name">The sample.</param>
    /// <param name="own">The counts of this image alone.</param>
    /// <param name="pixels">All of its pixels.</param>
    public static ImageScore Of(string name, ConfusionMatrix own, long pixels)
    {
        SegmentationScores scores = SegmentationScores.From(own);
        long ignored = pixels - scores.Pixels;
        return new ImageScore(name, scores.MeanIou, scores.PixelAccuracy, scores.Pixels, ignored, [.. scores.Classes.Select(score => score.Iou)]);
    }
}
