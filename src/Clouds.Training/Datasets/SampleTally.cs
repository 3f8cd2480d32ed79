using Clouds.Native.Images;

namespace Clouds.Training.Datasets;

/// <summary>Counts the samples of a data set for its report.</summary>
internal sealed class SampleTally(IImageSet set)
{
    private readonly IDataset? _labelled = set as IDataset;
    private readonly List<DatasetProblem> _problems = [];
    private readonly List<DamagedSample> _damaged = [];
    private readonly List<SampleCoverage> _coverage = [];
    private readonly List<SampleContent> _contents = [];
    private readonly Dictionary<(int Width, int Height), int> _sizes = [];
    private readonly long[] _pixels = new long[256];
    private readonly int[] _images = new int[256];
    private long _fileBytes;
    private long _largest;

    /// <summary>Counts a sample.</summary>
    public void Add(CheckedSample sample)
    {
        _fileBytes += sample.FileBytes;
        if (sample.Problem is not null)
        {
            _problems.Add(sample.Problem);
            return;
        }

        _contents.Add(sample.Content!);
        Add(sample.Name, sample.Image!, sample.Labels, sample.Complaint);
    }

    private void Add(string name, RgbImage image, LabelMap? labels, string? complaint)
    {
        _largest = Math.Max(_largest, image.Pixels.Length + (sizeof(ushort) * (labels?.Ids.Length ?? 0L)));
        (int, int) size = (image.Width, image.Height);
        _sizes[size] = _sizes.GetValueOrDefault(size) + 1;
        if (labels is not null)
        {
            _coverage.Add(new SampleCoverage(name, labels.Ids.Length, Count(labels.Ids)));
        }

        if (complaint is not null)
        {
            _damaged.Add(new DamagedSample(name, complaint));
        }
    }

    /// <summary>What was found.</summary>
    /// <param name="time">What reading all of it took.</param>
    public DatasetReport Report(TimeSpan time)
    {
        ClassCount[] classes = _labelled is null ? [] : Classes(_labelled);
        LabelCoverage coverage = new([.. classes.Select(count => (count.Name, count.Pixels))], _coverage);
        return new DatasetReport(
            set.Name,
            _labelled is not null,
            set.Count,
            set.Count - _problems.Count,
            [.. _sizes.OrderByDescending(size => size.Value).ThenBy(size => size.Key)
                .Select(size => new SizeCount(size.Key.Width, size.Key.Height, size.Value))],
            classes,
            _pixels[LabelMap.Ignore],
            _problems,
            _damaged,
            _coverage,
            [
                .. _coverage.Count == 0 ? [] : coverage.Findings().Concat(IgnoredIds.Findings(set, coverage)), .. SampleContent.Repeated(_contents),
                .. (set as FolderDataset)?.LonelyLabels() ?? [],
            ],
            _contents,
            new DatasetPrice(_fileBytes, time.TotalSeconds / set.Count, _largest));
    }

    private long Count(ReadOnlySpan<ushort> ids)
    {
        int[] counts = new int[256];
        foreach (ushort id in ids)
        {
            counts[id]++;
        }

        for (int id = 0; id < counts.Length; id++)
        {
            _pixels[id] += counts[id];
            _images[id] += counts[id] > 0 ? 1 : 0;
        }

        return counts[LabelMap.Ignore];
    }

    private ClassCount[] Classes(IDataset labelled)
    {
        double all = Math.Max(1, _pixels.AsSpan(0, labelled.Classes.Count).ToArray().Sum());
        return [.. labelled.Classes.Names.Select((name, id) => new ClassCount(id, name, _pixels[id], _images[id], _pixels[id] / all))];
    }
}
