using Clouds.Diagnostics;

namespace Clouds.Training.Datasets;

/// <summary>What <see cref="DatasetCheck"/> found.</summary>
/// <param name="Name">The data set.</param>
/// <param name="Labelled">Whether its images have labels; without, there are no classes to count.</param>
/// <param name="Samples">Number of samples.</param>
/// <param name="Usable">Samples without a problem.</param>
/// <param name="Sizes">Image sizes in pixels with their number, most frequent first.</param>
/// <param name="Classes">One entry a class, in order.</param>
/// <param name="IgnoredPixels">Pixels with label 255.</param>
/// <param name="Problems">Every unusable sample, in order.</param>
public sealed record DatasetReport(
    string Name,
    bool Labelled,
    int Samples,
    int Usable,
    IReadOnlyList<SizeCount> Sizes,
    IReadOnlyList<ClassCount> Classes,
    long IgnoredPixels,
    IReadOnlyList<DatasetProblem> Problems);

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
/// <param name="Message">What, where, found, expected, next, on several lines.</param>
public sealed record DatasetProblem(string Sample, Failure Kind, string Message);
