using Clouds.Diagnostics;
using Clouds.Training.Datasets;

namespace Clouds.Training.Evaluation;

/// <summary>The scores of one data set.</summary>
/// <param name="Dataset">Name of the data set.</param>
/// <param name="GtSpace">The size at which was scored.</param>
/// <param name="Scores">Over the whole set.</param>
/// <param name="Images">One row an image, in the set's order.</param>
/// <param name="LeftOut">Samples that could not be scored, in the set's order.</param>
/// <param name="SecondsPerImage">
/// Time of the whole over its images, several of which are under way at once; null where predictions came from files.
/// </param>
public sealed record EvaluationResult(
    string Dataset,
    GroundTruthSpace GtSpace,
    SegmentationScores Scores,
    IReadOnlyList<ImageScore> Images,
    IReadOnlyList<DatasetProblem> LeftOut,
    double? SecondsPerImage)
{
    /// <summary>Share of the pixels that are ignored, 0..1.</summary>
    public double IgnoredShare => Coverage().IgnoredShare;

    /// <summary>How much of the set was scored.</summary>
    public LabelCoverage Coverage() => new(
        [.. Scores.Classes.Select(score => (score.Name, score.TruePixels))],
        [.. Images.Select(image => new SampleCoverage(image.Name, image.Pixels + image.IgnoredPixels, image.IgnoredPixels))]);

    /// <summary>The failure that a set without a scored pixel is.</summary>
    public CloudsException NothingScored() => new(
        Failure.BadInput,
        "no pixel of the data set could be scored",
        Dataset,
        $"{Images.Count} images whose pixels are all ignored, {LeftOut.Count} left out",
        "at least one pixel of one class",
        "correct \"idMap\", \"ignore\" or \"unlisted\" in the data set's JSON file");
}
