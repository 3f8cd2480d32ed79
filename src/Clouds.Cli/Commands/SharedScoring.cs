using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Evaluation;

namespace Clouds.Cli.Commands;

/// <summary>The result of a rank's share of a data set as it travels: numbers, names and what could not be scored.</summary>
/// <param name="Parts">The counts' parts.</param>
/// <param name="Images">The share's images.</param>
/// <param name="LeftOut">Those that could not be scored.</param>
/// <param name="SecondsPerImage">As in <see cref="EvaluationResult"/>.</param>
internal sealed record SharedScores(
    IReadOnlyList<long[]> Parts, IReadOnlyList<ImageScore> Images, IReadOnlyList<DatasetProblem> LeftOut, double? SecondsPerImage)
{
    public static SharedScores Of(EvaluationResult result) => new(
        [.. result.Counts.Parts.Select(part => part.ToArray())], result.Images, result.LeftOut, result.SecondsPerImage);

    /// <summary>The result that it was.</summary>
    /// <param name="here">This rank's, whose set and measures it has.</param>
    public EvaluationResult AsResult(EvaluationResult here)
    {
        ClassSet classes = here.Counts.Matrix.Classes;
        EvaluationCounts counts = new(classes, here.Counts.Restricted is not null, here.Counts.Boundary is not null);
        foreach ((Memory<long> part, long[] values) in counts.Parts.Zip(Parts))
        {
            values.CopyTo(part);
        }

        return here with { Counts = counts, Images = Images, LeftOut = LeftOut, SecondsPerImage = SecondsPerImage };
    }
}

/// <summary>Scores that several ranks make of one data set.</summary>
internal static class SharedScoring
{
    /// <summary>The whole set's result on every rank, from all ranks' shares.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Device: a rank is lost, and named.</exception>
    public static EvaluationResult Whole(RankSession ranks, IDataset data, EvaluationResult here) => ranks.Group.Count == 1
        ? here
        : EvaluationResult.Merge(data, [.. ranks.Gather(SharedScores.Of(here), $"scores of {data.Name}").Select(share => share.AsResult(here))]);
}
