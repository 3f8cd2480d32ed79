using System.Diagnostics;
using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Training.Augmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;

namespace Clouds.Verification.Benchmarks;

/// <summary>How fast a data set's samples become crops to train on: each part alone, and the whole on several workers.</summary>
/// <param name="Dataset">The data set.</param>
/// <param name="Parts">Reading an image, reading it with its labels, augmenting both.</param>
/// <param name="Rates">Samples a second by workers, in order.</param>
public sealed record LoaderReport(string Dataset, IReadOnlyList<LoaderPart> Parts, IReadOnlyList<LoaderRate> Rates);

/// <summary>A part of the work on one sample, on one thread.</summary>
/// <param name="Part">Its name.</param>
/// <param name="MsMedian">Milliseconds, the median.</param>
/// <param name="MsMin">Milliseconds, the fastest.</param>
public sealed record LoaderPart(string Part, double MsMedian, double MsMin);

/// <summary>What workers do together.</summary>
/// <param name="Workers">How many.</param>
/// <param name="PerSecond">Samples that are read and augmented in a second.</param>
public sealed record LoaderRate(int Workers, double PerSecond);

/// <summary>Times the loader of a training.</summary>
public static class LoaderBench
{
    /// <summary>Times it. What files hold is in the system's memory after a first pass, which is not timed.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="config">The augmentation.</param>
    /// <param name="workers">Numbers of workers.</param>
    /// <param name="samples">Samples of each figure, at least 1; a smaller set is gone through again.</param>
    /// <param name="cancellation">Stops between two samples.</param>
    /// <exception cref="Diagnostics.CloudsException">BadInput: a sample cannot be used.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static LoaderReport Run(
        IDataset data, AugmentationConfig config, IReadOnlyList<int> workers, int samples, CancellationToken cancellation = default)
    {
        Augmenter augmenter = new(config);
        Time("", samples, position => data.Load(IndexOf(position)), cancellation);
        LoaderPart[] parts =
        [
            Time("read image", samples, position => data.LoadImage(IndexOf(position)), cancellation),
            Time("read image and labels", samples, position => data.Load(IndexOf(position)), cancellation),
            OfAugmentation(),
        ];
        return new LoaderReport(data.Name, parts, [.. workers.Select(Rate)]);

        int IndexOf(long position) => (int)(position % data.Count);

        (RgbImage Image, LabelMap Labels) Augment(Sample sample, long position) =>
            augmenter.Apply(sample.Image, sample.Labels, new RandomStream(1, "augment", position, 0));

        LoaderPart OfAugmentation()
        {
            Sample sample = data.Load(0);
            return Time("augment", samples, position => Augment(sample, position), cancellation);
        }

        LoaderRate Rate(int count)
        {
            using Prefetch<object> loader = new(position => Augment(data.Load(IndexOf(position)), position), samples, count, ahead: 2 * count);
            long start = Stopwatch.GetTimestamp();
            for (int position = 0; position < samples; position++)
            {
                loader.Take(position, cancellation);
            }

            return new LoaderRate(count, samples / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
    }

    private static LoaderPart Time(string part, int samples, Func<long, object> work, CancellationToken cancellation)
    {
        double[] times = new double[samples];
        for (int position = 0; position < samples; position++)
        {
            cancellation.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            work(position);
            times[position] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(times);
        return new LoaderPart(part, times[samples / 2], times[0]);
    }
}
