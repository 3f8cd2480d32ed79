namespace Clouds.Cli.Reports;

/// <summary>One number of a bar chart.</summary>
/// <param name="Name">Above the bar.</param>
/// <param name="Value">Its length, 0 to 100; null: there is none.</param>
/// <param name="Kind">Its colour.</param>
internal sealed record ReportBar(string Name, double? Value, BarKind Kind);

/// <summary>Whose number a bar is.</summary>
internal enum BarKind
{
    /// <summary>Of other methods.</summary>
    Others,

    /// <summary>The paper's own.</summary>
    Ours,

    /// <summary>Made on this machine.</summary>
    Here,
}
