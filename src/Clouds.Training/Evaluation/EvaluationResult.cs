namespace Clouds.Training.Evaluation;

/// <summary>The scores of one data set.</summary>
/// <param name="Dataset">Name of the data set.</param>
/// <param name="GtSpace">The size at which was scored.</param>
/// <param name="Scores">Over the whole set.</param>
/// <param name="Images">One row an image, in the set's order.</param>
/// <param name="SecondsPerImage">Mean time of segmenting one image, reading and scoring not counted; null where predictions came from files.</param>
public sealed record EvaluationResult(
    string Dataset, GroundTruthSpace GtSpace, SegmentationScores Scores, IReadOnlyList<ImageScore> Images, double? SecondsPerImage);
