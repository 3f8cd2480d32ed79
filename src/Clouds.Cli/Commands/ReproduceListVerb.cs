using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Cli.Experiments;
using Clouds.Runtime.Devices;

namespace Clouds.Cli.Commands;

/// <summary>`clouds reproduce list`.</summary>
internal sealed class ReproduceListVerb : Verb<ReproduceListVerb.Options>
{
    public override string Name => "reproduce list";

    public override string Summary => "list the paper's rows: its numbers, what is missing here, our results";

    public override string Description =>
        "A line for each row of Tables 1 to 5 and of Figures 5 and 6: method, encoder, the paper's average of its test sets (of Table 3, which has none, the "
        + "numbers), our latest result with its date, and what is missing here to run it: data sets (whose folders are not there), published weights (that "
        + "`clouds model list` does not find), a GPU. Rows copied from other papers are there for comparison. A result of other settings, other data or a part "
        + "of them stands in the column \"other\", with the number of things that differ, and never among ours.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds reproduce list --data-root /data", "What could be run with the data sets in /data."),
        new("clouds reproduce list --out /results --json", "The same for scripts, with everything that the ledger of /results has."),
    ];

    protected override int Run(Options options, VerbContext context)
    {
        ResultBook book = new(options.Folder.Ledger.Read());
        (DataPlaces data, WeightPlaces weights) = (options.DataPlaces, options.WeightPlaces);
        using Device device = Device.Open(options.LoadSettings().Value.Execution.Device, new DeviceSettings { Warn = _ => { } });
        ListedRow[] rows = [.. PublishedTables.OfPaper.Tables.SelectMany(table => table.Rows.Select(row => Listed(table, row)))];
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(new { rows }));
            return ExitCodes.Success;
        }

        TextTable.Write(context.Console, ["row", "method", "encoder", "paper", "ours", "other", "missing here"], rows.Select(Cells));
        return ExitCodes.Success;

        ListedRow Listed(PublishedTable table, PublishedRow row)
        {
            if (!row.IsRun)
            {
                return new ListedRow(table.Name, row, null, null, []);
            }

            Experiment experiment = Experiment.Of(row, []);
            Need[] missing = [.. Need.Of(experiment, data, weights, null, Need.IsGpu(device)).Where(need => !need.IsHere)];
            return new ListedRow(table.Name, row, book.Reproduction(experiment), book.Other(experiment), missing);
        }
    }

    private static IReadOnlyList<string> Cells(ListedRow listed)
    {
        PublishedRow row = listed.Published;
        return
        [
            row.Row, row.Setting is null ? row.Method : $"{row.Method}: {row.Setting}", row.Encoder,
            row.Average is null ? row.Numbers : PublishedRow.Text(row.Average), Ours(listed.Ours), Other(listed.Other),
            row.IsRun ? Missing(listed.Missing) : "copied from other papers",
        ];
    }

    private static string Ours(LedgerEntry? entry) => entry is null ? "-" : $"{Numbers(entry)} ({Day(entry)})";

    private static string Other(LedgerEntry? entry) => entry is null ? "-"
        : $"{Numbers(entry)} ({Day(entry)}), {(entry.IsReproduction ? "other settings" : $"{entry.Deviations.Count} deviations")}";

    private static string Numbers(LedgerEntry entry) => entry.Average is double average ? PublishedRow.Text(average)
        : string.Join(" / ", entry.Scores.Select(score => PublishedRow.Text(score.MeanIou)));

    private static string Day(LedgerEntry entry) => entry.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Missing(IReadOnlyList<Need> missing) => missing.Count == 0 ? "nothing"
        : string.Join("; ", missing.GroupBy(need => need.Kind).Select(kind => kind.Key == NeedKind.Gpu ? "GPU"
            : $"{kind.Key.ToString().ToLowerInvariant()} {string.Join(", ", kind.Select(need => need.Name))}"));

    /// <summary>A line.</summary>
    private sealed record ListedRow(string Table, PublishedRow Published, LedgerEntry? Ours, LedgerEntry? Other, IReadOnlyList<Need> Missing);

    /// <summary>Where things lie.</summary>
    internal sealed class Options : ReproduceOptions;
}
