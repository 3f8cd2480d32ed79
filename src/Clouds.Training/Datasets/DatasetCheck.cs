using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Training.Datasets;

/// <summary>Loads every sample of a data set once, counts, and collects all problems instead of stopping at the first.</summary>
public static class DatasetCheck
{
    /// <summary>Checks any data set.</summary>
    /// <param name="set">The set; without labels only its images are looked at.</param>
    /// <param name="progress">Told after each sample, stage "check"; may be null.</param>
    /// <param name="cancellation">Stops between two samples.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static DatasetReport Run(IImageSet set, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        IDataset? dataset = set as IDataset;
        List<DatasetProblem> problems = [];
        Dictionary<(int Width, int Height), int> sizes = [];
        long[] pixels = new long[256];
        int[] images = new int[256];
        for (int i = 0; i < set.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                Sample? sample = dataset?.Load(i);
                RgbImage image = sample?.Image ?? set.LoadImage(i);
                Count(sample?.Labels.Ids, pixels, images);
                (int, int) size = (image.Width, image.Height);
                sizes[size] = sizes.GetValueOrDefault(size) + 1;
            }
            catch (CloudsException e)
            {
                problems.Add(new DatasetProblem(set.SampleName(i), e.Failure, e.Message));
            }

            progress?.Report(new ProgressReport("check", i + 1, set.Count));
        }

        return new DatasetReport(
            set.Name,
            dataset is not null,
            set.Count,
            set.Count - problems.Count,
            [.. sizes.OrderByDescending(size => size.Value).ThenBy(size => size.Key)
                .Select(size => new SizeCount(size.Key.Width, size.Key.Height, size.Value))],
            dataset is null ? [] : Classes(dataset.Classes, pixels, images),
            pixels[LabelMap.Ignore],
            problems);
    }

    private static void Count(ReadOnlySpan<ushort> ids, long[] pixels, int[] images)
    {
        int[] counts = new int[256];
        foreach (ushort id in ids)
        {
            counts[id]++;
        }

        for (int id = 0; id < counts.Length; id++)
        {
            pixels[id] += counts[id];
            images[id] += counts[id] > 0 ? 1 : 0;
        }
    }

    private static ClassCount[] Classes(ClassSet classes, long[] pixels, int[] images)
    {
        double labelled = Math.Max(1, pixels.AsSpan(0, classes.Count).ToArray().Sum());
        return [.. classes.Names.Select((name, id) => new ClassCount(id, name, pixels[id], images[id], pixels[id] / labelled))];
    }
}
