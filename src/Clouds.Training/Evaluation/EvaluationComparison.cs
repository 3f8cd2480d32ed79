namespace Clouds.Training.Evaluation;

/// <summary>Two results on the same data set side by side.</summary>
/// <param name="First">One.</param>
/// <param name="Second">The other; of the same set, at the same size.</param>
public sealed record EvaluationComparison(EvaluationResult First, EvaluationResult Second)
{
    /// <summary>Every class in order.</summary>
    public IReadOnlyList<ScoreDifference> Classes { get; } =
        [.. First.Scores.Classes.Zip(Second.Scores.Classes, (first, second) => new ScoreDifference(first.Name, first.Iou, second.Iou))];

    /// <summary>Mean IoU of every image that both have scored, the largest difference first; images without a counted pixel are left out.</summary>
    public IReadOnlyList<ScoreDifference> Images { get; } = [.. First.Images
        .Join(Second.Images, image => image.Name, image => image.Name, (first, second) => new ScoreDifference(first.Name, first.MeanIou, second.MeanIou))
        .Where(image => image.Gain is not null)
        .OrderByDescending(image => Math.Abs(image.Gain!.Value))];

    /// <summary>The measures of the whole set.</summary>
    public IReadOnlyList<ScoreDifference> Totals { get; } =
    [
        new("mIoU", First.Scores.MeanIou, Second.Scores.MeanIou),
        new("mIoU of SYNTHIA's 16", First.Synthia16?.Mean, Second.Synthia16?.Mean),
        new("the same, restricted", First.Synthia16?.Restricted, Second.Synthia16?.Restricted),
        new("boundary mIoU", First.Boundary?.MeanIou, Second.Boundary?.MeanIou),
        new("pixel accuracy", First.Scores.PixelAccuracy, Second.Scores.PixelAccuracy),
    ];
}

/// <summary>A measure of two results.</summary>
/// <param name="Name">Class, image or measure.</param>
/// <param name="First">0 to 1; null where there is nothing to measure.</param>
/// <param name="Second">Likewise.</param>
public sealed record ScoreDifference(string Name, double? First, double? Second)
{
    /// <summary>By how much the second is better; null where one has nothing.</summary>
    public double? Gain => Second - First;
}
