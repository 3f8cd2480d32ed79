using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;

namespace Clouds.Training.Evaluation;

/// <summary>Where answers come from. Safe for several threads.</summary>
public interface IAnswers
{
    /// <summary>The size at which they meet the labels; never auto.</summary>
    GroundTruthSpace Space { get; }

    /// <summary>Whether they come with answers among the 16 classes of SYNTHIA.</summary>
    bool Restricts { get; }

    /// <summary>How a network looks at the images, in words; null: once at each, or there is none.</summary>
    string? Views { get; }

    /// <summary>Whether answers are computed, so that their time is worth telling.</summary>
    bool AreComputed { get; }

    /// <summary>The answer for a sample.</summary>
    /// <exception cref="CloudsException">BadInput: there is none that can be used; Numeric: it is not finite.</exception>
    ScoredAnswer For(Sample sample, CancellationToken cancellation);
}

/// <summary>The answers of a segmenter.</summary>
public sealed class SegmenterAnswers : IAnswers
{
    private readonly Segmenter _segmenter;

    /// <param name="segmenter">Opened with <see cref="EvaluationConfig.Views"/>; stays the caller's.</param>
    /// <param name="data">What it is scored on.</param>
    /// <param name="config">What is scored, and at which size.</param>
    /// <exception cref="CloudsException">BadInput: the data set has other classes.</exception>
    public SegmenterAnswers(Segmenter segmenter, IDataset data, EvaluationConfig config)
    {
        RequireSameClasses(segmenter.Classes, data);
        _segmenter = segmenter;
        GroundTruthSpace usual = data.ScoredResized ? GroundTruthSpace.Resized : GroundTruthSpace.Original;
        Space = config.GtSpace == GroundTruthSpace.Auto ? usual : config.GtSpace;
        Restricts = config.Synthia16 == Synthia16Rule.Restrict && Synthia16.AreIn(data.Classes);
    }

    /// <inheritdoc/>
    public GroundTruthSpace Space { get; }

    /// <inheritdoc/>
    public bool Restricts { get; }

    /// <inheritdoc/>
    public string? Views => _segmenter.Views.IsSingle ? null : _segmenter.Views.ToString();

    /// <inheritdoc/>
    public bool AreComputed => true;

    /// <inheritdoc/>
    public ScoredAnswer For(Sample sample, CancellationToken cancellation)
    {
        try
        {
            (RgbImage image, LabelMap truth) = Space == GroundTruthSpace.Resized ? Resized(sample) : (sample.Image, sample.Labels);
            // Not Segment: on a GPU another image is put on its way while this one is waited for.
            SegmentationResult answer = _segmenter.SegmentAsync(image, Restricts, cancellation).GetAwaiter().GetResult();
            return new ScoredAnswer(answer.Map, truth, Restricts ? Synthia16.Best(answer.Scores, answer.Width, answer.Height) : null);
        }
        catch (CloudsException e) when (e.Failure == Failure.Numeric)
        {
            throw new CloudsException(e.Failure, e.What, $"{sample.Name}, {e.Where}", e.Found, next: e.Next, inner: e);
        }
    }

    private (RgbImage Image, LabelMap Labels) Resized(Sample sample) => (
        TestTimeResize.Apply(sample.Image, _segmenter.ShortSide, _segmenter.LongSide),
        TestTimeResize.Apply(sample.Labels, _segmenter.ShortSide, _segmenter.LongSide));

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

/// <summary>The answers of another program, in files. They meet labels at the labels' own size unless it is said otherwise.</summary>
/// <param name="folder">The files.</param>
/// <param name="config">At which size.</param>
public sealed class PredictionAnswers(PredictionFolder folder, EvaluationConfig config) : IAnswers
{
    /// <inheritdoc/>
    public GroundTruthSpace Space { get; } = config.GtSpace == GroundTruthSpace.Resized ? GroundTruthSpace.Resized : GroundTruthSpace.Original;

    /// <inheritdoc/>
    public bool Restricts => false;

    /// <inheritdoc/>
    public string? Views => null;

    /// <inheritdoc/>
    public bool AreComputed => false;

    /// <inheritdoc/>
    public ScoredAnswer For(Sample sample, CancellationToken cancellation)
    {
        LabelMap truth = Space == GroundTruthSpace.Resized ? TestTimeResize.Apply(sample.Labels) : sample.Labels;
        return new ScoredAnswer(folder.Read(sample.Name, truth.Width, truth.Height), truth);
    }
}
