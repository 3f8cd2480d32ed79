using System.Text.Json.Serialization;
using Clouds.Diagnostics;
using Clouds.Training.Datasets;

namespace Clouds.Training.Evaluation;

/// <summary>The scores of one data set.</summary>
/// <param name="Dataset">Name of the data set.</param>
/// <param name="GtSpace">The size at which was scored; never auto.</param>
/// <param name="Counts">What was counted over the whole set.</param>
/// <param name="Images">One row an image, in the set's order.</param>
/// <param name="LeftOut">Samples that could not be scored, in the set's order.</param>
/// <param name="SecondsPerImage">
/// Time of the whole over its images, several of which are under way at once; null where predictions came from files.
/// </param>
public sealed record EvaluationResult(
    string Dataset,
    GroundTruthSpace GtSpace,
    [property: JsonIgnore] EvaluationCounts Counts,
    IReadOnlyList<ImageScore> Images,
    IReadOnlyList<DatasetProblem> LeftOut,
    double? SecondsPerImage)
{
    /// <summary>How the network looked at the images, in words; null: once at each, or the answers came from files.</summary>
    public string? Views { get; init; }

    /// <summary>Over the whole set.</summary>
    public SegmentationScores Scores => SegmentationScores.From(Counts.Matrix);

    /// <summary>The 16 classes of SYNTHIA; null where the set has other classes than the 19 of Cityscapes.</summary>
    public Synthia16Scores? Synthia16 => Evaluation.Synthia16.AreIn(Counts.Matrix.Classes)
        ? new Synthia16Scores(
            Scores.MeanIouOf(Evaluation.Synthia16.Ids),
            Counts.Restricted is null ? null : SegmentationScores.From(Counts.Restricted).MeanIouOf(Evaluation.Synthia16.Ids))
        : null;

    /// <summary>Boundary IoU; null where it was not computed.</summary>
    public BoundaryScores? Boundary => Counts.Boundary is null ? null : BoundaryScores.From(Counts.Boundary, Counts.Matrix.Classes.Count);

    /// <summary>Share of the pixels that are ignored, 0..1.</summary>
    public double IgnoredShare => Coverage().IgnoredShare;

    /// <summary>How much of the set was scored.</summary>
    public LabelCoverage Coverage() => new(
        [.. Scores.Classes.Select(score => (score.Name, score.TruePixels))],
        [.. Images.Select(image => new SampleCoverage(image.Name, image.Pixels + image.IgnoredPixels, image.IgnoredPixels))]);

    /// <summary>What a user should know of the labels and of the answers, a sentence each.</summary>
    public IEnumerable<string> Findings() =>
        [.. Coverage().Findings(), .. CollapsedAnswers.Find(Counts.Matrix) is CollapsedAnswers collapsed ? (string[])[collapsed.Sentence] : []];

    /// <summary>The result of a whole set from those of its shares, each scored by a process of its own with the same configuration.</summary>
    /// <param name="data">The set, whose order the images get.</param>
    /// <param name="shares">Result of each <see cref="Share"/>, in the order of ranks; at least one.</param>
    public static EvaluationResult Merge(IImageSet data, IReadOnlyList<EvaluationResult> shares)
    {
        EvaluationCounts first = shares[0].Counts;
        EvaluationCounts sum = new(first.Matrix.Classes, first.Restricted is not null, first.Boundary is not null);
        foreach (EvaluationResult share in shares)
        {
            sum.Merge(share.Counts);
        }

        Dictionary<string, int> places = Enumerable.Range(0, data.Count).ToDictionary(data.SampleName);
        return shares[0] with
        {
            Counts = sum,
            Images = [.. shares.SelectMany(share => share.Images).OrderBy(image => places[image.Name])],
            LeftOut = [.. shares.SelectMany(share => share.LeftOut).OrderBy(problem => places[problem.Sample])],
            SecondsPerImage = shares.Min(share => share.SecondsPerImage) / shares.Count,
        };
    }

    /// <summary>The failure that a set without a scored pixel is.</summary>
    public CloudsException NothingScored() => new(
        Failure.BadInput,
        "no pixel of the data set could be scored",
        Dataset,
        $"{Images.Count} images whose pixels are all ignored, {LeftOut.Count} left out",
        "at least one pixel of one class",
        "correct \"idMap\", \"ignore\" or \"unlisted\" in the data set's JSON file");
}
