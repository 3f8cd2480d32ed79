namespace Clouds.Cli.Experiments;

/// <summary>Finds the results of rows in a ledger.</summary>
/// <param name="entries">Oldest first.</param>
internal sealed class ResultBook(IReadOnlyList<LedgerEntry> entries)
{
    /// <summary>The latest reproduction of a row: its settings, whichever row they were run for, with nothing that differs; null: none.</summary>
    public LedgerEntry? Reproduction(Experiment experiment) => Reproductions(experiment).LastOrDefault();

    /// <summary>All reproductions of a row, oldest first: other seeds, other machines.</summary>
    public IReadOnlyList<LedgerEntry> Reproductions(Experiment experiment)
    {
        string settings = SettingsDigest.Of(experiment.Own.Value);
        return [.. entries.Where(entry => entry.IsReproduction && entry.Settings == settings && IsOf(entry, experiment))];
    }

    /// <summary>The latest result of a row that is none: something differs, or the settings were others; null: none.</summary>
    public LedgerEntry? Other(Experiment experiment) =>
        entries.LastOrDefault(entry => entry.Row == experiment.Row && !Reproductions(experiment).Contains(entry));

    // Rows of label images have no settings that tell them apart.
    private static bool IsOf(LedgerEntry entry, Experiment experiment) => experiment.Config.Kind == ExperimentKind.Train || entry.Row == experiment.Row;
}
