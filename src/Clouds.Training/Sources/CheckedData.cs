using Clouds.Diagnostics;
using Clouds.Training.Datasets;

namespace Clouds.Training.Sources;

/// <summary>Opens a data set to train on: its fingerprint is taken and, where it comes from files, every sample is loaded once before the first step.</summary>
public static class CheckedData
{
    /// <summary>Opens a labelled data set and leaves out what cannot be used.</summary>
    /// <param name="spec">What the user wrote.</param>
    /// <param name="config">What becomes of samples that cannot be used.</param>
    /// <param name="cache">Knows what the check of an unchanged set found.</param>
    /// <param name="progress">Told after every sample, stages "fingerprint" and "check"; null: nobody.</param>
    /// <param name="warn">As for <see cref="DatasetSource.Open"/>.</param>
    /// <param name="cancellation">Stops between two samples.</param>
    /// <exception cref="CloudsException">Usage or BadInput: the set cannot be opened, or used as <paramref name="config"/> says.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static TrainingData Open(string spec, DataConfig config, CheckCache cache,
        IProgress<ProgressReport>? progress = null, Action<string>? warn = null, CancellationToken cancellation = default)
    {
        IDataset data = DatasetSource.Open(spec, warn);
        DataFingerprint fingerprint = DataFingerprint.Of(data, progress, cancellation);
        if (!fingerprint.OfFiles)
        {
            return new TrainingData(spec, data, fingerprint);
        }

        DatasetReport? report = cache.Find(fingerprint);
        if (report is null)
        {
            report = DatasetSource.Check(spec, progress, cancellation: cancellation);
            cache.Keep(fingerprint, report);
        }

        return new TrainingData(spec, UsableSamples.Of(data, report, config, warn), fingerprint);
    }

    /// <summary>Opens images whose labels nobody needs, and leaves out what cannot be decoded.</summary>
    /// <param name="spec">What the user wrote.</param>
    /// <param name="limit">How many of them are used, the first ones; 0: all.</param>
    /// <param name="config">What becomes of images that cannot be used.</param>
    /// <param name="cache">Knows what the check of an unchanged set found.</param>
    /// <param name="progress">Told after every image, stages "fingerprint" and "check"; null: nobody.</param>
    /// <param name="warn">As for <see cref="DatasetSource.Open"/>.</param>
    /// <param name="cancellation">Stops between two images.</param>
    /// <exception cref="CloudsException">Usage or BadInput: the set cannot be opened, or used as <paramref name="config"/> says.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static ImageData OpenImages(string spec, int limit, DataConfig config, CheckCache cache,
        IProgress<ProgressReport>? progress = null, Action<string>? warn = null, CancellationToken cancellation = default)
    {
        IImageSet all = DatasetSource.OpenImages(spec, warn);
        if (limit > all.Count)
        {
            warn?.Invoke($"{all.Name} has {all.Count} images, fewer than the {limit} that are asked for: all of them are used");
        }

        PickedImages images = PickedImages.First(all, limit);
        DataFingerprint fingerprint = DataFingerprint.Of(images, progress, cancellation);
        if (!fingerprint.OfFiles)
        {
            return new ImageData(spec, images, fingerprint);
        }

        DatasetReport? report = cache.Find(fingerprint);
        if (report is null)
        {
            report = DatasetCheck.Run(images, progress, cancellation);
            cache.Keep(fingerprint, report);
        }

        return new ImageData(spec, UsableSamples.Of(images, report, config, warn), fingerprint) { Sizes = report.Sizes };
    }
}
