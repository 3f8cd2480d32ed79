using System.Diagnostics;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Sessions;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.Evaluation;

namespace Clouds.Training.Validation;

/// <summary>
/// Scores the model that the parameters are now: it is written as a file, opened and evaluated as any model is, and kept as the best where it is that.
/// Its memory is given back before training goes on.
/// </summary>
/// <param name="sets">What it is scored on; its classes are the model's.</param>
/// <param name="folder">Where the best model and its scores are kept.</param>
/// <param name="write">Writes the model of an arena's parameters.</param>
/// <param name="options">Where and how it runs.</param>
/// <param name="warn">Told in a sentence what a user should know; null: nobody.</param>
internal sealed class SegmenterValidation(
    IReadOnlyList<IDataset> sets, RunFolder folder, Action<string, ParameterArena> write, SegmenterOptions options, Action<string>? warn) : IValidation
{
    private static readonly EvaluationConfig Scoring = new() { Boundary = false };

    /// <inheritdoc/>
    public ValidationLine Run(
        ParameterArena arena, long step, ValidationState? before, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        write(folder.Candidate, arena);
        try
        {
            (IReadOnlyList<EvaluationResult> results, ValidationRecord record) = Score(step, progress, cancellation);
            double? mean = SetAverage.Of(results, result => result.Scores.MeanIou);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            ValidationLine line = new(step, [.. results.Select(ScoreOf)], mean, ValidationState.IsGain(before, mean), seconds)
            {
                Pictures = record.Steady(),
            };
            record.Write(folder);
            Keep(line);
            return line;
        }
        finally
        {
            File.Delete(folder.Candidate);
        }
    }

    private (IReadOnlyList<EvaluationResult> Results, ValidationRecord Record) Score(
        long step, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        using Segmenter segmenter = Segmenter.Load(folder.Candidate, options);
        (List<EvaluationResult> results, List<ValidatedSet> records) = ([], []);
        foreach (IDataset data in sets)
        {
            results.Add(Evaluator.Run(segmenter, data, Scoring, progress: progress, cancellation: cancellation));
            Tell(step, results[^1]);
            records.Add(new ValidationPictures(segmenter, data, results[^1]).Record(cancellation));
        }

        return (results, new ValidationRecord(step, records));
    }

    private static ValidationScore ScoreOf(EvaluationResult result) => new(result.Dataset, result.Scores.MeanIou, result.Scores.PixelAccuracy,
        result.Scores.Classes.ToDictionary(score => score.Name, score => score.Iou));

    private void Keep(ValidationLine line)
    {
        if (line.Best)
        {
            File.Move(folder.Candidate, folder.Best, overwrite: true);
            AtomicFile.WriteAllBytes(folder.BestScores, line.ToJson());
        }
    }

    private void Tell(long step, EvaluationResult result)
    {
        if (CollapsedAnswers.Find(result.Counts.Matrix) is CollapsedAnswers collapsed)
        {
            warn?.Invoke($"{result.Dataset} after {step} steps: {collapsed.Sentence}");
        }

        if (result.LeftOut.Count > 0)
        {
            warn?.Invoke($"validation leaves out {result.LeftOut.Count} samples of {result.Dataset}, {result.LeftOut[0].Sample} first");
        }
    }
}
