using System.Globalization;
using Clouds.Cli.Experiments;

namespace Clouds.Cli.Reports;

/// <summary>The paper's tables and figures, ours beside them.</summary>
internal sealed class SummaryPage
{
    private const string Here = "run here";

    private static readonly string[] Encoders = ["ResNet-50", "ResNet-101", "MiT-B5", "ConvNeXt-L"];

    private readonly PublishedTables _paper;
    private readonly IReadOnlyList<LedgerEntry> _entries;
    private readonly Dictionary<string, IReadOnlyList<LedgerEntry>> _ours;

    /// <param name="paper">The paper's numbers.</param>
    /// <param name="entries">The ledger.</param>
    public SummaryPage(PublishedTables paper, IReadOnlyList<LedgerEntry> entries)
    {
        (_paper, _entries) = (paper, entries);
        ResultBook book = new(entries);
        _ours = paper.Rows.Where(row => row.IsRun).ToDictionary(row => row.Row, row => book.Reproductions(Experiment.Of(row, [])));
    }

    /// <summary>Rows that can be run.</summary>
    public int Runnable => _ours.Count;

    /// <summary>Rows that were, as the paper has them.</summary>
    public int Reproduced => _ours.Values.Count(results => results.Count > 0);

    /// <summary>The whole page.</summary>
    public HtmlReport Write()
    {
        HtmlReport page = new HtmlReport("CLOUDS: the paper's numbers and ours")
            .AddText($"{_paper.Source}. {Reproduced} of {Runnable} rows that can be run were reproduced here. Where a row was run more than "
                + "once, with other seeds, ours is the latest, and the mean and the range of all stand beside it.");
        AddFigureOne(page.AddHeading("Figure 1: domain generalisation from GTA, average of Cityscapes, BDD100K and Mapillary"));
        foreach (PublishedTable table in _paper.Tables)
        {
            page.AddHeading($"{table.Name}: {table.Title}");
            page.AddText($"{string.Join("; ", table.Sets.Select(set => $"{PaperSet.Letter(set)}: {PaperSet.Find(set)!.Title}"))}. {table.Classes} classes.");
            _ = table.Rows.Any(row => row.Values is not null) ? AddTable(page, table) : page.AddBars([.. table.Rows.SelectMany(Bars)]);
        }

        AddOthers(page);
        return page;
    }

    private void AddFigureOne(HtmlReport page)
    {
        IEnumerable<PublishedRow> rows = _paper.Tables[0].Rows.Where(row => row.Average is not null);
        foreach (IGrouping<string, PublishedRow> group in rows.GroupBy(row => Encoders.Contains(row.Encoder) ? row.Encoder : "other foundation models")
            .OrderBy(group => Array.IndexOf([.. Encoders, ""], group.Key) is int place and >= 0 ? place : Encoders.Length))
        {
            page.AddSmallHeading(group.Key).AddBars([.. group.OrderBy(row => row.Average).SelectMany(Bars)]);
        }
    }

    private IEnumerable<ReportBar> Bars(PublishedRow row)
    {
        bool own = row.Method == "CLOUDS";
        string name = row.Setting is null ? $"{row.Method}{(row.Pretraining is null ? "" : $", {row.Pretraining}")}"
            : $"{row.Setting}{(_paper.Find(row.Row).Table.Rows.DistinctBy(other => other.Encoder).Count() > 1 ? $", {row.Encoder}" : "")}";
        yield return new ReportBar($"{name} ({row.Row})", row.Average, own ? BarKind.Ours : BarKind.Others);
        foreach (LedgerEntry entry in _ours.GetValueOrDefault(row.Row, []).TakeLast(1))
        {
            yield return new ReportBar($"{Here} on {ResultText.Day(entry)}{Spread(row, results => results.Average)}", entry.Average, BarKind.Here);
        }
    }

    private HtmlReport AddTable(HtmlReport page, PublishedTable table)
    {
        bool averages = table.Rows.Any(row => row.Average is not null);
        string[] columns = ["row", .. table.Sets.Select(PaperSet.Letter), .. averages ? ["avg"] : (string[])[]];
        return page.AddTable(columns, table.Rows.SelectMany(row => Rows(table, row, averages)), cells => cells[0].StartsWith(Here, StringComparison.Ordinal));
    }

    // A phone has room for one column of words, and four of numbers.
    private IEnumerable<IReadOnlyList<string>> Rows(PublishedTable table, PublishedRow row, bool averages)
    {
        string what = string.Join(", ", new[] { row.Method, row.Setting, row.Encoder, row.Pretraining, row.TrainedOn }.OfType<string>());
        string[] average = averages ? [PublishedRow.Text(row.Average)] : [];
        yield return [$"{row.Row} {what}", .. table.Sets.Select((_, i) => PublishedRow.Text(row.Values?[i])), .. average];
        foreach (LedgerEntry entry in _ours.GetValueOrDefault(row.Row, []).TakeLast(1))
        {
            string[] scores = [.. table.Sets.Select(set => PublishedRow.Text(entry.Scores.FirstOrDefault(score => score.Name == set)?.MeanIou))];
            string[] mean = averages ? [$"{PublishedRow.Text(entry.Average)} ({ResultText.Difference(entry.Average, row.Average)})"] : [];
            yield return [$"{Here} on {ResultText.Day(entry)}{Spread(row, result => result.Average)}", .. scores, .. mean];
        }
    }

    private string Spread(PublishedRow row, Func<LedgerEntry, double?> number)
    {
        double[] all = [.. _ours[row.Row].Select(number).OfType<double>()];
        return all.Length < 2 ? "" : string.Create(
            CultureInfo.InvariantCulture, $"; {all.Length} runs, mean {all.Average():0.0}, {all.Min():0.0} to {all.Max():0.0}");
    }

    private void AddOthers(HtmlReport page)
    {
        LedgerEntry[] others = [.. _entries.Except(_ours.Values.SelectMany(results => results))];
        if (others.Length > 0)
        {
            page.AddHeading("What else was run").AddText(
                "These are no reproductions: something differs from the row as the paper has it, or the row is none of the paper's.");
            page.AddTable(["row", "date", "scores", "average", "what differs"], others.Select(entry => new[]
            {
                entry.Row, ResultText.Day(entry), string.Join(", ", entry.Scores.Select(score => $"{score.Name} {PublishedRow.Text(score.MeanIou)}")),
                PublishedRow.Text(entry.Average), Differences(entry),
            }));
        }
    }

    private static string Differences(LedgerEntry entry) => entry.Deviations.Count > 0 ? string.Join("; ", entry.Deviations)
        : PublishedTables.OfPaper.Rows.Any(row => row.Row == entry.Row) ? "its settings are not those of the row in this version of the program"
        : "-";
}
