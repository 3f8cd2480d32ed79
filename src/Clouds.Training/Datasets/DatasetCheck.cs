using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Training.Datasets;

/// <summary>Loads every sample of a data set once, counts, and collects all problems instead of stopping at the first.</summary>
public static class DatasetCheck
{
    /// <summary>Checks a folder data set, images without a label file included.</summary>
    /// <param name="path">Its JSON file.</param>
    /// <param name="progress">Told after each sample, stage "check"; may be null.</param>
    /// <param name="warn">As for <see cref="ImageFile.Read"/>.</param>
    /// <param name="cancellation">Stops between two samples.</param>
    /// <exception cref="CloudsException">Usage or BadInput, where not even the list of samples can be made.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static DatasetReport RunFile(
        string path, IProgress<ProgressReport>? progress = null, Action<string>? warn = null, CancellationToken cancellation = default) =>
        Run(FolderDataset.OpenIncomplete(FolderDescriptionReader.Read(path), warn), progress, cancellation);

    /// <summary>Checks any data set.</summary>
    /// <param name="dataset">The set.</param>
    /// <param name="progress">Told after each sample, stage "check"; may be null.</param>
    /// <param name="cancellation">Stops between two samples.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static DatasetReport Run(IDataset dataset, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        List<DatasetProblem> problems = [];
        Dictionary<(int Width, int Height), int> sizes = [];
        long[] pixels = new long[256];
        int[] images = new int[256];
        for (int i = 0; i < dataset.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                Sample sample = dataset.Load(i);
                Count(sample.Labels, pixels, images);
                (int, int) size = (sample.Image.Width, sample.Image.Height);
                sizes[size] = sizes.GetValueOrDefault(size) + 1;
            }
            catch (CloudsException e)
            {
                problems.Add(new DatasetProblem(dataset.SampleName(i), e.Failure, e.Message));
            }

            progress?.Report(new ProgressReport("check", i + 1, dataset.Count));
        }

        return new DatasetReport(
            dataset.Name,
            dataset.Count,
            dataset.Count - problems.Count,
            [.. sizes.OrderByDescending(size => size.Value).ThenBy(size => size.Key)
                .Select(size => new SizeCount(size.Key.Width, size.Key.Height, size.Value))],
            Classes(dataset.Classes, pixels, images),
            pixels[LabelMap.Ignore],
            problems);
    }

    private static void Count(LabelMap labels, long[] pixels, int[] images)
    {
        int[] counts = new int[256];
        foreach (ushort id in labels.Ids)
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
