using System.Diagnostics;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;

namespace Clouds.Training.Evaluation;

/// <summary>Scores a segmenter, or the predictions of any other program, on a labelled data set (method.md sections 6.4 and 6.5).</summary>
public static class Evaluator
{
    /// <summary>Segments and scores every image of a data set: as many at once as the segmenter has sessions, the next ones read meanwhile.</summary>
    /// <param name="segmenter">The segmenter; stays the caller's.</param>
    /// <param name="data">The data set; its classes are the segmenter's.</param>
    /// <param name="space">At which size answers meet labels.</param>
    /// <param name="config">What becomes of samples that cannot be read; null: they are left out.</param>
    /// <param name="progress">Told after every image; metric mIoU of the images so far.</param>
    /// <param name="cancellation">Stops between operators.</param>
    /// <exception cref="CloudsException">
    /// BadInput: other classes, or a sample that cannot be read and may not be left out; Numeric: an answer is not finite.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static EvaluationResult Run(
        Segmenter segmenter, IDataset data, GroundTruthSpace space = GroundTruthSpace.Original, DataConfig? config = null,
        IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        RequireSameClasses(segmenter.Classes, data);
        long start = Stopwatch.GetTimestamp();
        EvaluationResult result = Score(data, space, config, progress, sample => Answer(segmenter, sample, space, cancellation), cancellation);
        return result with { SecondsPerImage = result.Images.Count == 0 ? null : Stopwatch.GetElapsedTime(start).TotalSeconds / result.Images.Count };
    }

    /// <summary>Scores label PNGs of train ids, one for each image of a data set, at the size of the data set's labels.</summary>
    /// <param name="folder">Holds NAME.png or NAME.labels.png for each sample's name, with the name's folders or without them.</param>
    /// <param name="data">The data set.</param>
    /// <param name="config">What becomes of samples and predictions that cannot be read; null: they are left out.</param>
    /// <param name="progress">Told after every image; metric mIoU of the images so far.</param>
    /// <param name="cancellation">Stops between two images.</param>
    /// <exception cref="CloudsException">BadInput: predictions are missing; one cannot be used and may not be left out.</exception>
    public static EvaluationResult RunPredictions(
        string folder, IDataset data, DataConfig? config = null, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        PredictionFolder predictions = new(folder, data);
        return Score(data, GroundTruthSpace.Original, config, progress, sample => (predictions.Read(sample), sample.Labels), cancellation);
    }

    // Samples are read, answered and scored side by side; counts are integers and are added up in the order of the samples.
    private static EvaluationResult Score(
        IDataset data, GroundTruthSpace space, DataConfig? config, IProgress<ProgressReport>? progress,
        Func<Sample, (LabelMap Prediction, LabelMap Truth)> answer, CancellationToken cancellation)
    {
        SampleReader reader = new(data, config ?? new DataConfig());
        ConfusionMatrix matrix = new(data.Classes);
        List<ImageScore> images = [];
        foreach (Tuple<ImageScore, ConfusionMatrix> scored in reader.Samples(Scored, cancellation))
        {
            images.Add(scored.Item1);
            matrix.Merge(scored.Item2);
            progress?.Report(new ProgressReport($"evaluate {data.Name}", images.Count + reader.LeftOut.Count, data.Count, Metrics(matrix)));
        }

        return new EvaluationResult(data.Name, space, SegmentationScores.From(matrix), images, reader.LeftOut, null);

        Tuple<ImageScore, ConfusionMatrix> Scored(Sample sample)
        {
            (LabelMap prediction, LabelMap truth) = answer(sample);
            ConfusionMatrix own = new(data.Classes);
            own.Add(prediction, truth);
            return Tuple.Create(ImageScore.Of(sample.Name, own, truth.Ids.Length), own);
        }
    }

    private static (LabelMap Prediction, LabelMap Truth) Answer(Segmenter segmenter, Sample sample, GroundTruthSpace space, CancellationToken cancellation)
    {
        try
        {
            (RgbImage image, LabelMap truth) = space == GroundTruthSpace.Resized ? Resized(sample, segmenter) : (sample.Image, sample.Labels);
            // Not Segment: on a GPU another image is put on its way while this one is waited for.
            SegmentationResult answer = segmenter.SegmentAsync(image, cancellation: cancellation).GetAwaiter().GetResult();
            return (new LabelMap(answer.Width, answer.Height, answer.Labels), truth);
        }
        catch (CloudsException e) when (e.Failure == Failure.Numeric)
        {
            throw new CloudsException(e.Failure, e.What, $"{sample.Name}, {e.Where}", e.Found, next: e.Next, inner: e);
        }
    }

    private static Dictionary<string, double> Metrics(ConfusionMatrix matrix) =>
        SegmentationScores.From(matrix).MeanIou is double mean ? new() { ["mIoU"] = mean } : [];

    private static (RgbImage Image, LabelMap Labels) Resized(Sample sample, Segmenter seen) =>
        (TestTimeResize.Apply(sample.Image, seen.ShortSide, seen.LongSide), TestTimeResize.Apply(sample.Labels, seen.ShortSide, seen.LongSide));

    private static void RequireSameClasses(ClassSet model, IDataset data)
    {
        if (!model.Names.SequenceEqual(data.Classes.Names))
        {
            throw new CloudsException(
                Failure.BadInput,
                "the model and the data set have different classes",
                data.Name,
                string.Join(", ", data.Classes.Names),
                string.Join(", ", model.Names),
                "describe the data set with the model's classes (\"classes\" and \"idMap\" in its JSON file), or evaluate another model");
        }
    }
}
