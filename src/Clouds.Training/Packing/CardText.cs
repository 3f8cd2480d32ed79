using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Clouds.Training.Packing;

/// <summary>A card for people: README.md.</summary>
internal static class CardText
{
    /// <summary>The page.</summary>
    /// <param name="card">The card.</param>
    /// <param name="name">Name of the folder.</param>
    /// <param name="sheet">File beside it with pictures of what it does; null: none.</param>
    public static string Of(PackedCard card, string name, string? sheet)
    {
        StringBuilder text = new();
        string start = card.Start.Length == 0 ? "from random weights" : $"from `{card.Start}`";
        text.Append(Invariant, $"# {name}: {card.Title}\n\n");
        text.Append(Invariant, $"{card.Parameters / 1e6:0.0} million parameters in half precision, {card.Bytes / 1e6:0.0} MB. ");
        text.Append(Invariant, $"Trained {start} on `{card.Data}`:\n");
        text.Append(Invariant, $"{card.Steps} steps, seed {card.Seed}, {card.Hours:0.0} hours. The same again, with the settings in this folder:\n\n");
        text.Append(Invariant, $"```sh\n{card.Command}\n```\n");
        Quality(card, text);
        text.Append(sheet is null ? "" : $"\n![What it does]({sheet})\n");
        text.Append("\n## Files\n\n| file | bytes | SHA-256 |\n|---|---:|---|\n");
        card.Files.ToList().ForEach(file => text.Append(Invariant, $"| `{file.File}` | {file.Bytes} | `{file.Sha256}` |\n"));
        return text.ToString();
    }

    private static CultureInfo Invariant => CultureInfo.InvariantCulture;

    private static void Quality(PackedCard card, StringBuilder text)
    {
        if (card.Quality?["measures"] is not JsonObject measures)
        {
            text.Append("\nNobody has measured it yet (`clouds evaluate`).\n");
            return;
        }

        string files = card.QualityOfTheseFiles ? "these files" : "the run's own files, in single precision";
        text.Append(Invariant, $"\n## Quality\n\nOf {files}, on `{card.Quality["data"]}`, {card.Quality["count"]} of them, seed {card.Quality["seed"]}.\n\n");
        text.Append("| measure | value |\n|---|---:|\n");
        measures.ToList().ForEach(measure => text.Append(Invariant, $"| {measure.Key} | {measure.Value?.ToJsonString() ?? "none"} |\n"));
    }
}
