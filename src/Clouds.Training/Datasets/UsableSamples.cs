using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Training.Datasets;

/// <summary>The samples of a data set that a check found usable, as a data set.</summary>
public sealed class UsableSamples : IDataset
{
    private readonly IDataset _all;
    private readonly int[] _usable;

    private UsableSamples(IDataset all, int[] usable) => (_all, _usable) = (all, usable);

    /// <inheritdoc/>
    public string Name => _all.Name;

    /// <inheritdoc/>
    public int Count => _usable.Length;

    /// <inheritdoc/>
    public ClassSet Classes => _all.Classes;

    /// <inheritdoc/>
    public bool ScoredResized => _all.ScoredResized;

    /// <inheritdoc/>
    public IReadOnlyList<DataFact> Facts => _all.Facts;

    /// <summary>Leaves out what a check found unusable, and tells of it; the check's findings are told too.</summary>
    /// <param name="data">The set that was checked.</param>
    /// <param name="report">What <see cref="DatasetCheck"/> found in it.</param>
    /// <param name="config">Whether such samples are left out or are a failure.</param>
    /// <param name="warn">Told in a sentence; null: nobody.</param>
    /// <returns>The set itself where all of it is usable.</returns>
    /// <exception cref="CloudsException">BadInput: a sample is unusable and may not be left out, or no pixel with a class is left.</exception>
    public static IDataset Of(IDataset data, DatasetReport report, DataConfig config, Action<string>? warn = null)
    {
        HashSet<string> bad = Refuse(data, report, config, warn);
        if (report.Nothing)
        {
            throw report.NothingLeft();
        }

        int[] usable = [.. Enumerable.Range(0, data.Count).Where(i => !bad.Contains(data.SampleName(i)))];
        return usable.Length == data.Count ? data : new UsableSamples(data, usable);
    }

    // Refuses or tells, and names what is left out.
    private static HashSet<string> Refuse(IImageSet data, DatasetReport report, DataConfig config, Action<string>? warn)
    {
        DatasetProblem[] fatal = [.. report.Problems.Where(problem => config.Rule(problem) == BadSample.Fail)];
        if (fatal.Length > 0)
        {
            throw Refused(data, fatal);
        }

        ProblemGroup.Of(report.Problems).ToList().ForEach(group => warn?.Invoke($"{data.Name}: {group.LeftOut(report.Samples)}"));
        if (report.Damaged is [DamagedSample first, ..])
        {
            string count = $"{report.Damaged.Count} of {report.Samples} samples";
            warn?.Invoke($"{data.Name}: {count} are damaged and used all the same, {first.Sample} first: {first.Message}");
        }

        report.Findings.ToList().ForEach(finding => warn?.Invoke($"{data.Name}: {finding}"));
        return [.. report.Problems.Select(problem => problem.Sample)];
    }

    /// <summary>The same for images without labels.</summary>
    /// <exception cref="CloudsException">BadInput: an image is unusable and may not be left out, or none is left.</exception>
    public static IImageSet Of(IImageSet images, DatasetReport report, DataConfig config, Action<string>? warn = null)
    {
        HashSet<string> bad = Refuse(images, report, config, warn);
        int[] usable = [.. Enumerable.Range(0, images.Count).Where(i => !bad.Contains(images.SampleName(i)))];
        return usable.Length > 0 ? new PickedImages(images, usable) : throw new CloudsException(
            Failure.BadInput, "no image of the data set can be used", images.Name, $"{images.Count} images", "at least one", "correct the files");
    }

    /// <inheritdoc/>
    public string SampleName(int index) => _all.SampleName(_usable[index]);

    /// <inheritdoc/>
    public IReadOnlyList<string> Files(int index) => _all.Files(_usable[index]);

    /// <inheritdoc/>
    public RgbImage LoadImage(int index) => _all.LoadImage(_usable[index]);

    /// <inheritdoc/>
    public Sample Load(int index) => _all.Load(_usable[index]);

    private static CloudsException Refused(IImageSet data, DatasetProblem[] fatal) => new(
        Failure.BadInput,
        $"{fatal.Length} samples of the data set cannot be used",
        data.Name,
        string.Join("; ", ProblemGroup.Of(fatal).Select(group => group.Text)),
        "every sample usable, as data.onMismatch and data.onUnreadable are set",
        $"correct them, or leave them out with data.{(fatal[0].Mismatch ? "onMismatch" : "onUnreadable")}=skip");
}
