using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Training.Packing;

namespace Clouds.Cli.BuiltIn;

/// <summary>The miniatures of a program, as `clouds model list` shows them.</summary>
/// <param name="files">Where they are carried.</param>
internal sealed class MiniatureList(MiniatureFiles files)
{
    private const string Licence = "MIT", Place = "built in";

    /// <summary>Those that are carried, with their cards.</summary>
    public IReadOnlyList<(string Name, PackedCard Card)> All =>
        [.. Miniatures.Keys.Select(key => (Miniatures.NameOf(key), Card: Miniatures.CardOf(key, files))).Where(one => one.Card is not null)!];

    /// <summary>A row for each: name, what, licence, digest, here.</summary>
    public IEnumerable<string[]> Rows => All.Select(one => new[] { one.Name, Text($"miniature: {one.Card.Title}, {Size(one.Card)}"), Licence, "known", Place });

    /// <summary>All about one.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="CloudsException">Usage: it is not carried.</exception>
    public IEnumerable<string[]> About(string name)
    {
        PackedCard card = All.FirstOrDefault(one => one.Name == name).Card ?? throw new CloudsException(
            Failure.Usage, "this program carries no such miniature", name, null, string.Join(", ", All.Select(one => one.Name)), "choose one of these");
        return
        [
            ["what", $"{card.Title}, {Size(card)}"],
            ["licence", Licence],
            ["data", card.Data],
            ["training", Text($"{card.Steps} steps, seed {card.Seed}, {card.Hours:0.0} hours: {card.Command}")],
            .. card.Quality?["measures"]?.AsObject().Select(measure => new[] { "quality", $"{measure.Key} {measure.Value?.ToJsonString()}" }) ?? [],
            .. card.Files.SelectMany(file => new[] { new[] { "file", Text($"{file.File}, {file.Bytes} bytes") }, ["  sha256", file.Sha256] }),
            ["here", $"{Place}: {CarriedWeights.Scheme}NAME stands wherever weights are named"],
        ];
    }

    private static string Size(PackedCard card) => Text($"{card.Parameters / 1e6:0.0} million parameters");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
