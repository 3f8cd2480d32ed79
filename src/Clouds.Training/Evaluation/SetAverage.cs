namespace Clouds.Training.Evaluation;

/// <summary>The mean over data sets, each counting the same, as the paper's tables have it (method.md section 6.5).</summary>
/// <param name="MeanIou">Of the mIoUs; null where a set has none, here and below.</param>
/// <param name="Synthia16">Of the mIoUs of SYNTHIA's 16 classes.</param>
/// <param name="Synthia16Restricted">Of the same with answers among the 16 alone.</param>
/// <param name="BoundaryMeanIou">Of the boundary mIoUs.</param>
public sealed record SetAverage(double? MeanIou, double? Synthia16, double? Synthia16Restricted, double? BoundaryMeanIou)
{
    /// <summary>The means of some results.</summary>
    public static SetAverage From(IReadOnlyList<EvaluationResult> results) => new(
        Of(results, result => result.Scores.MeanIou),
        Of(results, result => result.Synthia16?.Mean),
        Of(results, result => result.Synthia16?.Restricted),
        Of(results, result => result.Boundary?.MeanIou));

    /// <summary>The mean of one measure; null where a set lacks it.</summary>
    public static double? Of(IReadOnlyList<EvaluationResult> results, Func<EvaluationResult, double?> measure) =>
        results.Select(measure).Contains(null) ? null : results.Average(measure);
}
