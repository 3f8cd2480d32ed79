using System.Globalization;

namespace Clouds.Cli.Experiments;

/// <summary>Results in words and cells.</summary>
internal static class ResultText
{
    /// <summary>A result on one line.</summary>
    public static string Line(LedgerEntry entry)
    {
        string scores = string.Join(" / ", entry.Scores.Select(score => PublishedRow.Text(score.MeanIou)));
        string average = entry.Average is double mean ? $", average {PublishedRow.Text(mean)}" : "";
        string seed = entry.Seed is long number ? string.Create(CultureInfo.InvariantCulture, $", seed {number}") : "";
        string differs = entry.IsReproduction ? "" : $"; no reproduction: {string.Join("; ", entry.Deviations)}";
        return $"{scores}{average} on {Day(entry)}{seed}, {Estimate.Time(entry.Hours)} on {Device(entry)}{differs}";
    }

    private static string Device(LedgerEntry entry) => entry.Machine.GetValueOrDefault("GPU") ?? entry.Machine.GetValueOrDefault("device") ?? "?";

    /// <summary>The day of a result.</summary>
    public static string Day(LedgerEntry entry) => entry.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Columns of <see cref="Rows"/>.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["test set", "paper", "ours", "difference", "images"];

    /// <summary>A line a test set, and the average.</summary>
    /// <param name="entry">The result.</param>
    /// <param name="experiment">Its experiment.</param>
    public static IEnumerable<IReadOnlyList<string>> Rows(LedgerEntry entry, Experiment experiment)
    {
        IReadOnlyList<string> sets = experiment.Published is null ? [] : PublishedTables.OfPaper.Find(experiment.Row).Table.Sets;
        foreach (LedgerScore score in entry.Scores)
        {
            int place = sets.ToList().IndexOf(score.Name);
            double? paper = place < 0 ? null : experiment.Published!.Values?[place];
            yield return [score.Name, PublishedRow.Text(paper), PublishedRow.Text(score.MeanIou), Difference(score.MeanIou, paper), $"{score.Images}"];
        }

        double? average = experiment.Published?.Average;
        yield return ["average", PublishedRow.Text(average), PublishedRow.Text(entry.Average), Difference(entry.Average, average), ""];
    }

    /// <summary>With its sign; a dash where one of the numbers is missing.</summary>
    public static string Difference(double? ours, double? paper) => (ours - paper)?.ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture) ?? "-";
}
