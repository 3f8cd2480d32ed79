using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Training.Datasets;

namespace Clouds.Training.Known;

/// <summary>
/// A known set as users write it: "cityscapes:FOLDER?split=val", "gta5:FOLDER?exclude=", "acdc". Keys are the set's choices, and of its samples those
/// of <see cref="Subset"/>: exclude (names with commas between them, in place of the set's own; nothing: all samples belong to it), every, notEvery,
/// offset, skip, first.
/// </summary>
/// <param name="Set">The set.</param>
/// <param name="Folder">Its folder, or the one that holds it, absolute.</param>
/// <param name="Choices">Value of each of its choices.</param>
/// <param name="Subset">Which samples; names to exclude only where some were given.</param>
/// <param name="Query">The part from the question mark on, or nothing.</param>
internal sealed record KnownSetSpec(KnownSet Set, string Folder, IReadOnlyDictionary<string, string> Choices, Subset Subset, string Query)
{
    /// <summary>Names the folder that holds all known sets, for those that are named without one. Default: datasets in the present folder.</summary>
    public const string FolderVariable = "CLOUDS_DATA";

    private static readonly string[] SubsetKeys = ["exclude", "every", "notEvery", "offset", "skip", "first"];

    /// <summary>Whether names to exclude were given, in place of the set's own.</summary>
    public bool ExcludeGiven { get; private init; }

    /// <summary>Whether images that their maker has marked do not belong to it.</summary>
    public bool LeavesMarkedOut => Choices.GetValueOrDefault("images") == "unmarked";

    /// <summary>The text under which the same set can be opened from any folder.</summary>
    public string Absolute => $"{Set.Name}:{Folder}{Query}";

    /// <summary>What reports call it.</summary>
    public string Title => string.Join('-', Choices.Where(choice => choice.Value != "all").Select(choice => choice.Value).Prepend(Set.Name));

    /// <summary>Reads the text.</summary>
    /// <exception cref="CloudsException">Usage: an unknown key or value, a choice that is missing, a number that cannot be read.</exception>
    public static KnownSetSpec Parse(string spec)
    {
        string[] halves = spec.Split('?', 2);
        string[] words = halves[0].Split(':', 2);
        KnownSet set = KnownSet.Find(words[0])!;
        string folder = words.Length == 2 && words[1].Length > 0 ? words[1]
            : Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } all ? all
            : "datasets";
        Dictionary<string, string> pairs = [];
        foreach ((string key, string value) in SpecQuery.Of(spec))
        {
            Require(spec, "key", key, [.. set.Choices.Keys, .. SubsetKeys]);
            pairs[key] = value;
        }

        Subset subset = new()
        {
            Exclude = pairs.GetValueOrDefault("exclude", "").Split(',', StringSplitOptions.RemoveEmptyEntries),
            Every = Number("every"),
            NotEvery = Number("notEvery"),
            Offset = Number("offset"),
            Skip = Number("skip"),
            First = Number("first"),
        };
        Dictionary<string, string> choices = set.Choices.ToDictionary(choice => choice.Key, choice => Chosen(spec, choice.Key, choice.Value, pairs));
        return new KnownSetSpec(set, Path.GetFullPath(WrittenPath.Read(folder)), choices, Checked(spec, subset), halves.Length == 2 ? $"?{halves[1]}" : "")
        {
            ExcludeGiven = pairs.ContainsKey("exclude"),
        };

        int Number(string key) => !pairs.TryGetValue(key, out string? text) ? 0
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
            : throw new CloudsException(Failure.Usage, "a number of the data set cannot be read", spec, $"{key}={text}", "a whole number, 0 or more");
    }

    private static string Chosen(string spec, string key, KnownChoice choice, Dictionary<string, string> pairs)
    {
        if (pairs.TryGetValue(key, out string? value))
        {
            Require(spec, key, value, [.. choice.Values.Keys]);
            return value;
        }

        string[] texts = [.. choice.Values.Keys.Select(known => $"{key}={known}")];
        return choice.Default ?? throw new CloudsException(Failure.Usage, $"the data set's {key} is not said", spec, "nothing",
            string.Join(" or ", texts), $"write for instance {spec}{(spec.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{texts[^1]}");
    }

    private static Subset Checked(string spec, Subset subset) =>
        (subset.Every == 0 || subset.NotEvery == 0) && subset.Offset < Math.Max(1, subset.Every + subset.NotEvery) ? subset : throw new CloudsException(
            Failure.Usage, "the keys of the data set do not fit together", spec, $"every={subset.Every}, notEvery={subset.NotEvery}, offset={subset.Offset}",
            "every or notEvery, and an offset below it");

    private static void Require(string spec, string what, string text, string[] known)
    {
        if (!known.Contains(text))
        {
            string? near = NearestName.Find(text, known);
            throw new CloudsException(Failure.Usage, $"the data set has no such {what}", spec, $"'{text}'", string.Join(", ", known),
                near is null ? "choose one of these" : $"did you mean '{near}'?");
        }
    }
}
