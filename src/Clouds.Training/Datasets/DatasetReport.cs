using Clouds.Diagnostics;

namespace Clouds.Training.Datasets;

/// <summary>What <see cref="DatasetCheck"/> found. A value: it can be kept as JSON and read again.</summary>
/// <param name="Name">The data set.</param>
/// <param name="Labelled">Whether its images have labels; without, there are no classes to count.</param>
/// <param name="Samples">Number of samples.</param>
/// <param name="Usable">Samples without a problem.</param>
/// <param name="Sizes">Image sizes in pixels with their number, most frequent first.</param>
/// <param name="Classes">One entry a class, in order.</param>
/// <param name="IgnoredPixels">Pixels with label 255.</param>
/// <param name="Problems">Every unusable sample, in order.</param>
/// <param name="Damaged">Every usable sample whose decoder complained: its pixels may not be what they were.</param>
/// <param name="Coverage">The ignored pixels of every usable sample, in order; empty without labels.</param>
/// <param name="Findings">What else a user should know, a sentence each.</param>
/// <param name="Contents">What the picture of every usable sample is, in order.</param>
/// <param name="Price">What reading the set costs on this machine.</param>
public sealed record DatasetReport(
    string Name,
    bool Labelled,
    int Samples,
    int Usable,
    IReadOnlyList<SizeCount> Sizes,
    IReadOnlyList<ClassCount> Classes,
    long IgnoredPixels,
    IReadOnlyList<DatasetProblem> Problems,
    IReadOnlyList<DamagedSample> Damaged,
    IReadOnlyList<SampleCoverage> Coverage,
    IReadOnlyList<string> Findings,
    IReadOnlyList<SampleContent> Contents,
    DatasetPrice Price)
{
    /// <summary>Whether there are labels and none of their pixels has a class: nothing to learn, nothing to score.</summary>
    public bool Nothing => Labelled && Classes.Sum(count => count.Pixels) == 0;

    /// <summary>The failure that <see cref="Nothing"/> is.</summary>
    public CloudsException NothingLeft() => new(
        Failure.BadInput,
        "no pixel of the data set has a class",
        Name,
        Usable == 0 ? $"{Samples} samples, none of which can be used" : $"{Usable} samples whose pixels are all ignored",
        "at least one pixel of one class",
        "correct \"idMap\", \"ignore\" or \"unlisted\" in the data set's JSON file");
}

/// <summary>How many images have one size.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Images">Number of images.</param>
public sealed record SizeCount(int Width, int Height, int Images);

/// <summary>How often one class occurs.</summary>
/// <param name="Id">Train id.</param>
/// <param name="Name">Name.</param>
/// <param name="Pixels">Pixels in all usable samples.</param>
/// <param name="Images">Usable samples that have at least one.</param>
/// <param name="Share">Share of the pixels that are not ignored, 0..1.</param>
public sealed record ClassCount(int Id, string Name, long Pixels, int Images, double Share);

/// <summary>A sample that cannot be used.</summary>
/// <param name="Sample">Its name.</param>
/// <param name="Kind">Kind of failure.</param>
/// <param name="What">The first line of the message, the same for all samples with this problem.</param>
/// <param name="Message">What, where, found, expected, next, on several lines.</param>
/// <param name="Mismatch">Whether it is that image and label have different sizes, as <see cref="DataConfig.OnMismatch"/> means it.</param>
public sealed record DatasetProblem(string Sample, Failure Kind, string What, string Message, bool Mismatch)
{
    /// <summary>The problem that a sample's failure tells of.</summary>
    public static DatasetProblem Of(string sample, CloudsException failure) =>
        new(sample, failure.Failure, failure.What, failure.Message, SizeMismatch.Is(failure));
}

/// <summary>A sample that can be used although its decoder complained.</summary>
/// <param name="Sample">Its name.</param>
/// <param name="Message">The decoder's complaint.</param>
public sealed record DamagedSample(string Sample, string Message);
