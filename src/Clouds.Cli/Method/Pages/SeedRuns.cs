using Clouds.Diagnostics;

namespace Clouds.Cli.Method.Pages;

/// <summary>What a page is of: one run of the method, or one for each of several seeds; pictures and curves are the first one's.</summary>
internal sealed class SeedRuns
{
    private SeedRuns(IReadOnlyList<MethodFolder> folders, IReadOnlyList<MethodResult> results, IReadOnlyList<MethodTimes> times) =>
        (Folder, Results, Times, Summary) = (folders[0], results, times, new MethodSummary(results));

    /// <summary>The first run's files.</summary>
    public MethodFolder Folder { get; }

    /// <summary>What each run has found.</summary>
    public IReadOnlyList<MethodResult> Results { get; }

    /// <summary>What runs took, as far as they say it.</summary>
    public IReadOnlyList<MethodTimes> Times { get; }

    /// <summary>What they have found together.</summary>
    public MethodSummary Summary { get; }

    /// <summary>The first result.</summary>
    public MethodResult First => Results[0];

    /// <summary>What was trained, in the paper's order.</summary>
    public IReadOnlyList<MethodArm> Arms => [.. First.Arms.Select(arm => arm.Arm)];

    /// <summary>The arms of Table 4 that were trained.</summary>
    public IReadOnlyList<MethodArm> Steps => [.. Arms.Where(arm => arm != MethodArm.Scratch)];

    /// <summary>The one of them that has most of the method.</summary>
    public MethodArm Last => Steps[^1];

    /// <summary>Reads the results.</summary>
    /// <param name="folders">One a seed.</param>
    /// <exception cref="CloudsException">BadInput: one cannot be read, or they are of different tests.</exception>
    public static SeedRuns Read(IReadOnlyList<MethodFolder> folders)
    {
        MethodResult[] results = [.. folders.Select(folder => MethodResult.Read(folder.Result))];
        foreach ((MethodFolder folder, MethodResult result) in folders.Zip(results))
        {
            if (Subject(result) != Subject(results[0]))
            {
                throw new CloudsException(Failure.BadInput, "the runs of a page are of different comparisons", folder.Path, Subject(result),
                    Subject(results[0]), "take runs of one plan that differ in their seeds alone");
            }
        }

        return new SeedRuns(folders, results, [.. folders.Where(folder => File.Exists(folder.Times)).Select(folder => MethodTimes.Read(folder.Times))]);
    }

    private static string Subject(MethodResult result) => $"{string.Join(", ", result.Arms.Select(arm => MethodFolder.Name(arm.Arm)))} on "
        + string.Join(", ", result.Tests.Select(test => $"{test.Images} of {test.Name}"));
}
