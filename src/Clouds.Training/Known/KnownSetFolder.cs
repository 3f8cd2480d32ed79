using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Training.Datasets;

namespace Clouds.Training.Known;

/// <summary>Finds a known set in a folder, in whichever of its layouts it lies there.</summary>
internal static class KnownSetFolder
{
    /// <summary>The set's description.</summary>
    /// <exception cref="CloudsException">BadInput: it is not there; the message says in which layouts it was looked for, and where one gets it.</exception>
    public static FolderDescription Describe(KnownSetSpec spec)
    {
        JsonObject members = Find(spec.Set, spec.Folder, spec.Choices) ?? throw Missing(spec);
        string root = (string)members["root"]!;
        members["name"] = spec.Title;
        FolderDescription description = Parse(members, root);
        IReadOnlyList<string> images = new FilePattern(root, description.Images).Files();
        StoreManifest manifest = spec.Set.Listed ? StoreManifest.In(root, images, !spec.LeavesMarkedOut) : new StoreManifest(null, []);
        return description with
        {
            Assumed = [.. Incomplete(spec, root, images.Count), .. manifest.Told],
            Subset = spec.Subset with { Names = manifest.Listed, Exclude = spec.ExcludeGiven ? spec.Subset.Exclude : Excluded(spec.Set, description) },
        };
    }

    /// <summary>The members of the set's description as it lies in a folder, "root" absolute; null: it is not there.</summary>
    public static JsonObject? Find(KnownSet set, string folder, IReadOnlyDictionary<string, string> choices)
    {
        JsonObject[] there = [.. Roots(set, folder)
            .SelectMany(root => set.Layouts.Select(layout => Members(set, layout, choices, root)))
            .Where(HasImages)];
        return there.FirstOrDefault(members => HasLabels(members)) ?? there.FirstOrDefault();
    }

    /// <summary>The set's samples that do not belong to it and are there all the same.</summary>
    public static IReadOnlyList<string> Excluded(KnownSet set, FolderDescription description) =>
        [.. set.Excluded.Where(name => File.Exists(Path.Combine(description.Root, description.Images.Replace("*", name, StringComparison.Ordinal))))];

    private static IEnumerable<string> Incomplete(KnownSetSpec spec, string root, int there) =>
        spec.Set.Published.TryGetValue(spec.Title, out int all) && there < all
            ? [string.Create(CultureInfo.InvariantCulture, $"{spec.Title}: {there:N0} images are in {root}, of {all:N0} that were published")]
            : [];

    // The folder itself, and those in it that are called as the set, one below the other.
    private static IEnumerable<string> Roots(KnownSet set, string folder)
    {
        return [folder, .. Named(folder), .. Named(folder).SelectMany(Named)];

        IEnumerable<string> Named(string root) => (Directory.Exists(root) ? Directory.EnumerateDirectories(root) : [])
            .Where(inside => set.Names.Contains(Path.GetFileName(inside).ToLowerInvariant()))
            .Order(StringComparer.Ordinal);
    }

    private static JsonObject Members(KnownSet set, KnownLayout layout, IReadOnlyDictionary<string, string> choices, string root)
    {
        JsonObject members = new() { ["root"] = root, ["images"] = Filled(layout.Images, set, choices) };
        if (layout.Labels is not null)
        {
            members["labels"] = JsonNode.Parse(Filled(layout.Labels.ToJsonString(), set, choices));
        }

        foreach ((string key, JsonNode? value) in set.Members.Concat(layout.Members ?? []))
        {
            members[key] = value?.DeepClone();
        }

        return members;
    }

    private static string Filled(string text, KnownSet set, IReadOnlyDictionary<string, string> choices) => choices.Aggregate(
        text, (filled, choice) => filled.Replace($"{{{choice.Key}}}", set.Choices[choice.Key].Values[choice.Value], StringComparison.Ordinal));

    private static bool HasImages(JsonObject members)
    {
        FilePattern pattern = new((string)members["root"]!, (string)members["images"]!);
        return Directory.Exists(Path.Combine((string)members["root"]!, pattern.FixedPart)) && pattern.Files().Count > 0;
    }

    private static bool HasLabels(JsonObject members) => !members.ContainsKey("labels")
        || FolderEntry.Find(Parse(members, (string)members["root"]!), null).Any(entry => File.Exists(entry.Label));

    private static FolderDescription Parse(JsonObject members, string root) =>
        FolderDescriptionReader.Parse(Encoding.UTF8.GetBytes(members.ToJsonString()), Path.Combine(root, "known-set.json")) with { Assumed = [] };

    private static string LabelsOf(KnownLayout layout) => layout.Labels switch
    {
        null => "",
        JsonObject rule => $" with {rule["replace"]!.AsArray().Aggregate(layout.Images, (path, pair) =>
            path.Replace((string)pair![0]!, (string)pair[1]!, StringComparison.Ordinal))}",
        JsonNode pattern => $" with {pattern}",
    };

    private static CloudsException Missing(KnownSetSpec spec)
    {
        KnownSet set = spec.Set;
        IEnumerable<string> layouts = set.Layouts.Select(layout => Filled($"{layout.Images}{LabelsOf(layout)}", set, spec.Choices));
        string folders = string.Join(" or ", set.Names.Select(name => $"{name}/"));
        return new CloudsException(
            Failure.BadInput,
            $"{set.Title} is not in the folder",
            spec.Folder,
            Directory.Exists(spec.Folder) ? "none of its images" : "no such folder",
            $"{string.Join(", or ", layouts)}, there or below {folders} in it",
            $"name its folder as {set.Name}:FOLDER, or the one that holds it in {KnownSetSpec.FolderVariable}; "
            + $"one gets it from {set.From}; licence: {set.Licence}");
    }
}
