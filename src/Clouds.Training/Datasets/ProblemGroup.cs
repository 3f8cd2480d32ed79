namespace Clouds.Training.Datasets;

/// <summary>Samples that have the same problem: told once, with the first few names.</summary>
/// <param name="What">The problem.</param>
/// <param name="Problems">The samples, in order; at least one.</param>
public sealed record ProblemGroup(string What, IReadOnlyList<DatasetProblem> Problems)
{
    private const int Shown = 3;

    /// <summary>The problem and its samples in half a line.</summary>
    public string Text => $"{What}: {Names}";

    /// <summary>The first few names.</summary>
    public string Names => Listed(Problems.Select(problem => problem.Sample));

    /// <summary>The next few.</summary>
    public string NamesAfterFirst => Listed(Problems.Skip(1).Select(problem => problem.Sample));

    /// <summary>Where, what was found, what was expected and what to do, of the first sample, a line each.</summary>
    public string Details => string.Join(Environment.NewLine, Problems[0].Message.Split(Environment.NewLine).Skip(1));

    /// <summary>Groups in the order of their first samples.</summary>
    public static IReadOnlyList<ProblemGroup> Of(IEnumerable<DatasetProblem> problems) =>
        [.. problems.GroupBy(problem => problem.What).Select(group => new ProblemGroup(group.Key, [.. group]))];

    /// <summary>The sentence that these samples are left out.</summary>
    /// <param name="samples">Samples of the whole set.</param>
    public string LeftOut(int samples) => $"{Problems.Count} of {samples} samples left out: {Text}";

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names.Take(Shown)) + (names.Count() > Shown ? ", .." : "");
}
