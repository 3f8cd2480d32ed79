using System.Diagnostics;
using Clouds.Diagnostics;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;

namespace Clouds.Training.Evaluation;

/// <summary>Scores a segmenter, or the predictions of any other program, on a labelled data set (method.md sections 6.3 to 6.5).</summary>
public static class Evaluator
{
    /// <summary>Segments and scores every image of a data set: as many at once as the segmenter has sessions, the next ones read meanwhile.</summary>
    /// <param name="segmenter">The segmenter, opened with <see cref="EvaluationConfig.Views"/>; stays the caller's.</param>
    /// <param name="data">The data set; its classes are the segmenter's.</param>
    /// <param name="config">What is scored, and at which size; null: the defaults.</param>
    /// <param name="reading">What becomes of samples that cannot be read; null: they are left out.</param>
    /// <param name="progress">Told after every image; metric mIoU of the images so far.</param>
    /// <param name="cancellation">Stops between operators.</param>
    /// <param name="share">The samples that this process scores; null: all.</param>
    /// <exception cref="CloudsException">
    /// BadInput: other classes, or a sample that cannot be read and may not be left out; Numeric: an answer is not finite.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static EvaluationResult Run(
        Segmenter segmenter, IDataset data, EvaluationConfig? config = null, DataConfig? reading = null,
        IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default, Share? share = null) =>
        Run(new SegmenterAnswers(segmenter, data, config ?? new EvaluationConfig()), data, config, reading, progress, cancellation, share);

    /// <summary>Scores label PNGs, one for each image of a data set.</summary>
    /// <param name="folder">As for <see cref="PredictionFolder"/>.</param>
    /// <param name="data">The data set.</param>
    /// <param name="config">What is scored, at which size, and how the files are read; null: the defaults.</param>
    /// <param name="reading">What becomes of samples and predictions that cannot be read; null: they are left out.</param>
    /// <param name="progress">Told after every image; metric mIoU of the images so far.</param>
    /// <param name="cancellation">Stops between two images.</param>
    /// <param name="share">The samples that this process scores; null: all.</param>
    /// <exception cref="CloudsException">BadInput: predictions are missing; one cannot be used and may not be left out; Usage: an id map is wrong.</exception>
    public static EvaluationResult RunPredictions(
        string folder, IDataset data, EvaluationConfig? config = null, DataConfig? reading = null,
        IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default, Share? share = null) =>
        Run(new PredictionAnswers(new PredictionFolder(folder, data, config?.Predictions), config ?? new EvaluationConfig()),
            data, config, reading, progress, cancellation, share);

    /// <summary>Scores answers of any origin.</summary>
    /// <param name="answers">The answers, made for this data set and this configuration.</param>
    /// <param name="data">The data set.</param>
    /// <param name="config">What is scored; null: the defaults.</param>
    /// <param name="reading">What becomes of samples that cannot be read; null: they are left out.</param>
    /// <param name="progress">Told after every image; metric mIoU of the images so far.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="share">The samples that this process scores; null: all.</param>
    /// <exception cref="CloudsException">As for the answers' source; BadInput: a sample cannot be read and may not be left out.</exception>
    public static EvaluationResult Run(
        IAnswers answers, IDataset data, EvaluationConfig? config = null, DataConfig? reading = null,
        IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default, Share? share = null)
    {
        long start = Stopwatch.GetTimestamp();
        EvaluationResult result = Score(data, answers, config, reading, progress, cancellation, share);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds / Math.Max(1, result.Images.Count);
        return result with { SecondsPerImage = answers.AreComputed && result.Images.Count > 0 ? seconds : null, Views = answers.Views };
    }

    // Samples are read, answered and scored side by side; counts are integers and are added up in the order of the samples.
    private static EvaluationResult Score(
        IDataset data, IAnswers answers, EvaluationConfig? config, DataConfig? reading,
        IProgress<ProgressReport>? progress, CancellationToken cancellation, Share? share)
    {
        SampleReader reader = new(data.SampleName, reading ?? new DataConfig());
        IReadOnlyList<int> indices = [.. (share ?? Share.All).Indices(data.Count)];
        EvaluationCounts counts = Empty();
        List<ImageScore> images = [];
        foreach (Tuple<ImageScore, EvaluationCounts> scored in reader.Samples(indices, index => Scored(data.Load(index)), cancellation))
        {
            images.Add(scored.Item1);
            counts.Merge(scored.Item2);
            progress?.Report(new ProgressReport($"evaluate {data.Name}", images.Count + reader.LeftOut.Count, indices.Count, Metrics(counts.Matrix)));
        }

        return new EvaluationResult(data.Name, answers.Space, counts, images, reader.LeftOut, null);

        EvaluationCounts Empty() => new(data.Classes, answers.Restricts, config?.Boundary ?? new EvaluationConfig().Boundary);

        Tuple<ImageScore, EvaluationCounts> Scored(Sample sample)
        {
            ScoredAnswer answer = answers.For(sample, cancellation);
            EvaluationCounts own = Empty();
            own.Add(answer);
            return Tuple.Create(ImageScore.Of(sample.Name, own.Matrix, answer.Truth.Ids.Length), own);
        }
    }

    private static Dictionary<string, double> Metrics(ConfusionMatrix matrix) =>
        SegmentationScores.From(matrix).MeanIou is double mean ? new() { ["mIoU"] = mean } : [];
}
