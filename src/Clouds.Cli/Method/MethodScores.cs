using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.Evaluation;
using Clouds.Training.Streets.World;

namespace Clouds.Cli.Method;

/// <summary>A test set.</summary>
/// <param name="Name">Its style.</param>
/// <param name="Group">Who has seen the style: the decoder with labels, the foundation models without (A), nobody (B).</param>
/// <param name="Images">Scenes.</param>
/// <param name="Shares">Share of the pixels in percent of every class that occurs, by its name.</param>
internal sealed record MethodTest(string Name, WorldGroup Group, int Images, IReadOnlyDictionary<string, double> Shares)
{
    /// <summary>The set that a result is of.</summary>
    public static MethodTest Of(WorldStyle style, EvaluationResult result) => new(style.Name, style.Group, result.Images.Count,
        MethodScore.ByName(result.Scores, score => (double)score.TruePixels / result.Scores.Pixels));
}

/// <summary>Scores of an arm.</summary>
/// <param name="Arm">The arm.</param>
/// <param name="Steps">Optimiser steps of its last stage.</param>
/// <param name="Loss">Mean loss of the last tenth of them.</param>
/// <param name="Scores">One a test set, in their order.</param>
internal sealed record MethodScores(MethodArm Arm, long Steps, double Loss, IReadOnlyList<MethodScore> Scores)
{
    private const int Tenth = 10;

    /// <summary>The scores of a run.</summary>
    public static MethodScores Of(MethodArm arm, RunFolder run, IReadOnlyList<MethodScore> scores) =>
        new(arm, TrainingHistory.Read(run.History).Count, LastLoss(run), scores);

    /// <summary>Mean loss of the last tenth of a run's steps.</summary>
    public static double LastLoss(RunFolder run)
    {
        IReadOnlyList<HistoryLine> lines = TrainingHistory.Read(run.History);
        return Math.Round(lines.TakeLast(Math.Max(1, lines.Count / Tenth)).Average(line => line.Loss), 4);
    }
}

/// <summary>An arm's score on a test set, in percent.</summary>
/// <param name="MeanIou">Over the classes that occur there.</param>
/// <param name="PixelAccuracy">Pixels that are right.</param>
/// <param name="Classes">IoU of every class that occurs, by its name.</param>
internal sealed record MethodScore(double MeanIou, double PixelAccuracy, IReadOnlyDictionary<string, double> Classes)
{
    private const int Digits = 3;

    /// <summary>The same of shares.</summary>
    public static MethodScore Of(SegmentationScores scores) =>
        new(Percent(scores.MeanIou!.Value), Percent(scores.PixelAccuracy!.Value), ByName(scores, score => score.Iou!.Value));

    /// <summary>A share of every class that occurs, in percent.</summary>
    internal static OrderedDictionary<string, double> ByName(SegmentationScores scores, Func<ClassScore, double> share) =>
        new(scores.Classes.Where(score => score.TruePixels > 0).Select(score => KeyValuePair.Create(score.Name, Percent(share(score)))));

    private static double Percent(double share) => Math.Round(100 * share, Digits);
}
