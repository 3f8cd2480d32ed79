using System.Text.Json;
using Clouds.Diagnostics;

namespace Clouds.Cli.Experiments;

/// <summary>Every table of numbers in the paper: experiments/published.json, which is part of the executable.</summary>
/// <param name="Source">Where the numbers stand.</param>
/// <param name="Tables">Tables and figures.</param>
internal sealed record PublishedTables(string Source, IReadOnlyList<PublishedTable> Tables)
{
    private const string Name = "published.json";

    private static readonly Lazy<PublishedTables> Own = new(() => JsonSerializer.Deserialize<PublishedTables>(
        EmbeddedExperiments.Bytes(Name), new JsonSerializerOptions(JsonSerializerDefaults.Web) { AllowTrailingCommas = false })!);

    /// <summary>The paper's.</summary>
    public static PublishedTables OfPaper => Own.Value;

    /// <summary>Every row, in the paper's order.</summary>
    public IEnumerable<PublishedRow> Rows => Tables.SelectMany(table => table.Rows);

    /// <summary>One row and its table.</summary>
    /// <exception cref="CloudsException">Usage: there is none of this name.</exception>
    public (PublishedTable Table, PublishedRow Row) Find(string name)
    {
        foreach (PublishedTable table in Tables)
        {
            if (table.Rows.FirstOrDefault(row => string.Equals(row.Row, name, StringComparison.OrdinalIgnoreCase)) is PublishedRow row)
            {
                return (table, row);
            }
        }

        string[] begun = [.. Rows.Select(row => row.Row).Where(row => name.Length > 1 && row.StartsWith(name, StringComparison.OrdinalIgnoreCase))];
        string? near = NearestName.Find(name.ToUpperInvariant(), Rows.Select(row => row.Row));
        throw new CloudsException(Failure.Usage, "the paper has no such row", "clouds reproduce", $"'{name}'",
            begun.Length > 0 ? string.Join(", ", begun) : near is not null ? $"'{near}'" : "T1-01 .. T5-b, F5-100 .. F6-t10000, or a file of your own",
            begun.Length > 0 ? "choose one of these" : near is not null ? $"did you mean '{near}'?" : "`clouds reproduce list` names them all");
    }
}
