namespace Clouds.Training.Evaluation;

/// <summary>The measures of one confusion matrix; all are shares from 0 to 1, null where nothing was there to measure.</summary>
/// <param name="MeanIou">Mean IoU over the classes that occur in the truth (method.md section 6.5).</param>
/// <param name="PixelAccuracy">Share of counted pixels predicted right.</param>
/// <param name="FrequencyWeightedIou">IoU weighted by each class's share of the true pixels.</param>
/// <param name="MajorityBaselineMeanIou">Mean IoU of predicting the most frequent true class everywhere.</param>
/// <param name="Pixels">Counted pixels.</param>
/// <param name="Classes">One entry a class, in order.</param>
public sealed record SegmentationScores(
    double? MeanIou,
    double? PixelAccuracy,
    double? FrequencyWeightedIou,
    double? MajorityBaselineMeanIou,
    long Pixels,
    IReadOnlyList<ClassScore> Classes)
{
    /// <summary>The measures of a matrix.</summary>
    public static SegmentationScores From(ConfusionMatrix matrix)
    {
        ClassScore[] classes = [.. matrix.Classes.Names.Select((name, id) => ClassScore.From(matrix, id, name))];
        ClassScore[] present = [.. classes.Where(score => score.TruePixels > 0)];
        long pixels = present.Sum(score => score.TruePixels);
        if (pixels == 0)
        {
            return new SegmentationScores(null, null, null, null, 0, classes);
        }

        double right = present.Sum(score => (double)matrix[score.Id, score.Id]);
        double majority = present.Max(score => score.TruePixels) / (double)pixels;
        return new SegmentationScores(
            present.Average(score => score.Iou),
            right / pixels,
            present.Sum(score => score.Iou * score.TruePixels) / pixels,
            majority / present.Length,
            pixels,
            classes);
    }

    /// <summary>Mean IoU of some classes, those absent from the truth left out; for instance the 16 of SYNTHIA.</summary>
    /// <param name="ids">Train ids.</param>
    /// <returns>Null where none of them occurs in the truth.</returns>
    public double? MeanIouOf(IEnumerable<int> ids) => ids.Select(id => Classes[id]).Where(score => score.TruePixels > 0).Average(score => score.Iou);
}

/// <summary>The measures of one class.</summary>
/// <param name="Id">Train id.</param>
/// <param name="Name">Name.</param>
/// <param name="Iou">Intersection over union, 0 to 1; null where the class is absent from the truth.</param>
/// <param name="Recall">Share of its true pixels that were found; null where there are none.</param>
/// <param name="Precision">Share of the pixels predicted as it that are right; null where there are none.</param>
/// <param name="TruePixels">Counted pixels that are this class.</param>
/// <param name="PredictedPixels">Counted pixels that were predicted as this class.</param>
public sealed record ClassScore(int Id, string Name, double? Iou, double? Recall, double? Precision, long TruePixels, long PredictedPixels)
{
    /// <summary>The measures of one class of a matrix.</summary>
    internal static ClassScore From(ConfusionMatrix matrix, int id, string name)
    {
        double both = matrix[id, id];
        long truth = matrix.Truth(id);
        long predicted = matrix.Predicted(id);
        return new ClassScore(
            id,
            name,
            truth > 0 ? both / (truth + predicted - both) : null,
            truth > 0 ? both / truth : null,
            predicted > 0 ? both / predicted : null,
            truth,
            predicted);
    }
}
