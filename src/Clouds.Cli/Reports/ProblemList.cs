using Clouds.Training.Datasets;

namespace Clouds.Cli.Reports;

/// <summary>Problems of a data set as text: each kind once, with the first sample's details and the names of the next.</summary>
internal sealed class ProblemList(TextWriter error)
{
    private const int Files = 20;

    /// <summary>Everything that a check found.</summary>
    public void Write(DatasetReport report, DataConfig config)
    {
        foreach (ProblemGroup group in ProblemGroup.Of(report.Problems))
        {
            bool leftOut = group.Problems[0].Mismatch && config.OnMismatch == BadSample.Skip;
            Write(group, leftOut ? "left out of training and scores, as data.onMismatch says" : null);
        }

        if (report.Damaged is [DamagedSample first, ..])
        {
            string more = report.Damaged.Count > Files ? ", .." : "";
            error.WriteLine($"clouds: {report.Damaged.Count} damaged: {string.Join(", ", report.Damaged.Take(Files).Select(damaged => damaged.Sample))}{more}");
            error.WriteLine($"  found     {first.Message}");
            error.WriteLine("  next      copy or download these files again: some of their pixels are not what they were");
        }

        foreach (string finding in report.Findings)
        {
            error.WriteLine($"clouds: {report.Name}: {finding}");
        }
    }

    /// <summary>One kind of problem.</summary>
    /// <param name="group">Its samples.</param>
    /// <param name="fate">What becomes of them; null: nothing is said.</param>
    public void Write(ProblemGroup group, string? fate = null)
    {
        DatasetProblem first = group.Problems[0];
        error.WriteLine($"clouds: {first.Sample}: {first.Message}");
        if (group.Problems.Count > 1)
        {
            error.WriteLine($"  also      {group.NamesAfterFirst}; {group.Problems.Count} samples in all");
        }

        if (fate is not null)
        {
            error.WriteLine($"  so        {fate}");
        }
    }
}
