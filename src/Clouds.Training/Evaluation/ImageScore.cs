using Clouds.Native.Images;

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
    /// <summary>Scores one image and adds it to the set's matrix.</summary>
    /// <param name="total">The set's matrix.</param>
    /// <param name="name">The sample.</param>
    /// <param name="prediction">Train ids, or 255 for no class.</param>
    /// <param name="truth">Train ids of the same size, 255 = not counted.</param>
    public static ImageScore AddTo(ConfusionMatrix total, string name, LabelMap prediction, LabelMap truth)
    {
        ConfusionMatrix own = new(total.Classes);
        own.Add(prediction, truth);
        total.Merge(own);
        SegmentationScores scores = SegmentationScores.From(own);
        long ignored = truth.Ids.Length - scores.Pixels;
        return new ImageScore(name, scores.MeanIou, scores.PixelAccuracy, scores.Pixels, ignored, [.. scores.Classes.Select(score => score.Iou)]);
    }
}
