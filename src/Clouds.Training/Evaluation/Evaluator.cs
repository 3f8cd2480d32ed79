using System.Diagnostics;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;

namespace Clouds.Training.Evaluation;

/// <summary>Scores a segmenter, or the predictions of any other program, on a labelled data set (method.md sections 6.4 and 6.5).</summary>
public static class Evaluator
{
    /// <summary>Segments and scores every image of a data set.</summary>
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
        Stopwatch watch = new();
        Queue<(Sample Sample, LabelMap Truth)> underWay = [];
        SampleReader reader = new(data, config ?? new DataConfig());
        EvaluationResult result = Score(data, space, progress, reader, Answers());
        return result with { SecondsPerImage = result.Images.Count == 0 ? null : watch.Elapsed.TotalSeconds / result.Images.Count };

        IEnumerable<(Sample, LabelMap, LabelMap)> Answers()
        {
            using IEnumerator<SegmentationResult> answers = segmenter.SegmentAll(Images(), withScores: false, cancellation).GetEnumerator();
            watch.Start();
            while (Next(answers))
            {
                watch.Stop();
                (Sample sample, LabelMap truth) = underWay.Dequeue();
                yield return (sample, new LabelMap(answers.Current.Width, answers.Current.Height, answers.Current.Labels), truth);
                watch.Start();
            }

            watch.Stop();
        }

        bool Next(IEnumerator<SegmentationResult> answers)
        {
            try
            {
                return answers.MoveNext();
            }
            catch (CloudsException e) when (e.Failure == Failure.Numeric)
            {
                throw new CloudsException(e.Failure, e.What, $"{underWay.Peek().Sample.Name}, {e.Where}", e.Found, next: e.Next, inner: e);
            }
        }

        // Reading is not the segmenter's time.
        IEnumerable<RgbImage> Images()
        {
            watch.Stop();
            foreach (Sample sample in reader.Samples(cancellation))
            {
                (RgbImage image, LabelMap truth) = space == GroundTruthSpace.Resized ? Resized(sample, segmenter) : (sample.Image, sample.Labels);
                underWay.Enqueue((sample, truth));
                watch.Start();
                yield return image;
                watch.Stop();
            }

            watch.Start();
        }
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
        SampleReader reader = new(data, config ?? new DataConfig());
        IEnumerable<Tuple<Sample, LabelMap>> answers = reader.Samples(sample => Tuple.Create(sample, predictions.Read(sample)), cancellation);
        return Score(data, GroundTruthSpace.Original, progress, reader, answers.Select(answer => (answer.Item1, answer.Item2, answer.Item1.Labels)));
    }

    private static EvaluationResult Score(IDataset data, GroundTruthSpace space,
        IProgress<ProgressReport>? progress, SampleReader reader, IEnumerable<(Sample Sample, LabelMap Prediction, LabelMap Truth)> answers)
    {
        ConfusionMatrix matrix = new(data.Classes);
        List<ImageScore> images = [];
        foreach ((Sample sample, LabelMap prediction, LabelMap truth) in answers)
        {
            images.Add(ImageScore.AddTo(matrix, sample.Name, prediction, truth));
            progress?.Report(new ProgressReport($"evaluate {data.Name}", images.Count + reader.LeftOut.Count, data.Count, Metrics(matrix)));
        }

        return new EvaluationResult(data.Name, space, SegmentationScores.From(matrix), images, reader.LeftOut, null);
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
