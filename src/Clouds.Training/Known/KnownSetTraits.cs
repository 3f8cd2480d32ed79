using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Clouds.Training.Datasets;

namespace Clouds.Training.Known;

/// <summary>A known set that lies in a folder, recognised by its folders and the names of its images.</summary>
/// <param name="Set">The set.</param>
/// <param name="IdMap">The id map of the labels that lie there.</param>
/// <param name="Members">What its description has besides: ids that are ignored, what becomes of others, the size at which it is scored.</param>
internal sealed record KnownSetTraits(KnownSet Set, string IdMap, JsonObject Members)
{
    private static readonly string[] Copied = ["ignore", "unlisted", "scoredAt"];

    /// <summary>The set in a folder; null: none is recognised.</summary>
    public static KnownSetTraits? Of(string folder) => KnownSet.All.Select(set => Of(set, folder)).FirstOrDefault(traits => traits is not null);

    private static KnownSetTraits? Of(KnownSet set, string folder) => Chosen(set)
        .Select(choices => KnownSetFolder.Find(set, folder, choices))
        .FirstOrDefault(members => members is not null && Named(set, members)) is not JsonObject found ? null
        : new KnownSetTraits(set, (string)found["idMap"]!, new(found.Where(member => Copied.Contains(member.Key))
            .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))));

    // One choice varies at a time, which is enough: what is there is there in some split.
    private static IEnumerable<Dictionary<string, string>> Chosen(KnownSet set)
    {
        Dictionary<string, string> first = set.Choices.ToDictionary(choice => choice.Key, choice => choice.Value.Default ?? choice.Value.Values.Keys.First());
        return set.Choices
            .SelectMany(choice => choice.Value.Values.Keys.Select(value => new Dictionary<string, string>(first) { [choice.Key] = value }))
            .Prepend(first);
    }

    private static bool Named(KnownSet set, JsonObject members) => set.Stems is null || new FilePattern((string)members["root"]!, (string)members["images"]!)
        .Files().All(file => Regex.IsMatch(Path.GetFileNameWithoutExtension(file), set.Stems));
}
