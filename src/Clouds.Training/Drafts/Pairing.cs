using System.Text;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Training.Datasets;

namespace Clouds.Training.Drafts;

/// <summary>One way to find the label of an image, tried on all of them.</summary>
/// <param name="Images">The images.</param>
/// <param name="Labels">The labels; null: there are none.</param>
/// <param name="Rule">What stands under "labels": a pattern, or replacements.</param>
/// <param name="Entries">The images with their labels, existing or not.</param>
internal sealed record Pairing(FileSeries Images, FileSeries? Labels, JsonNode? Rule, IReadOnlyList<FolderEntry> Entries)
{
    /// <summary>The images that have a label; all of them where there are no labels.</summary>
    public IReadOnlyList<FolderEntry> Pairs { get; } = [.. Entries.Where(entry => entry.Label is null || File.Exists(entry.Label))];

    /// <summary>The same without some of the images, by their names without folders.</summary>
    public Pairing Without(IReadOnlySet<string> names) => new(Images, Labels, Rule, [.. Entries.Where(entry => !names.Contains(Path.GetFileName(entry.Name)))]);

    /// <summary>The best of all rules that could lead from these images to these labels; null: none finds a single one.</summary>
    public static Pairing? Find(string folder, FileSeries images, FileSeries labels)
    {
        ILookup<string, string> byCore = labels.Files.ToLookup(labels.Core);
        (string Image, string Label)? example = images.Files.SelectMany(image => byCore[images.Core(image)].Select(label => ((string, string)?)(image, label)))
            .MaxBy(pair => CommonFolders(pair!.Value.Item1, pair.Value.Item2));
        return example is null ? null : Rules(images, labels, example.Value.Image, example.Value.Label)
            .Select(rule => Try(folder, images, labels, rule))
            .OfType<Pairing>()
            .Where(pairing => pairing.Pairs.Count > 0)
            .MaxBy(pairing => pairing.Pairs.Count);
    }

    /// <summary>Images without labels.</summary>
    public static Pairing? Alone(string folder, FileSeries images) => Try(folder, images, null, null);

    // From the plainest to the one that says most; the first of equals wins.
    private static IEnumerable<JsonNode> Rules(FileSeries images, FileSeries labels, string image, string label)
    {
        string labelFolder = Folder(label);
        string[] from = Folder(image).Split('/', StringSplitOptions.RemoveEmptyEntries);
        string[] to = labelFolder.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string stem = images.Suffix.Length == 0 ? $"{{stem}}{labels.Suffix}{labels.Ending}" : "";
        if (stem.Length > 0 && from.Length <= 1)
        {
            yield return $"{labelFolder}{stem}";
        }

        if (stem.Length > 0)
        {
            yield return $"{labels.Folders.Split('*')[0]}{{folder}}/{stem}";
        }

        int end = Common(from.Reverse(), to.Reverse());
        int start = Math.Min(Common(from, to), Math.Min(from.Length, to.Length) - end);
        (string, string) folders = (string.Concat(from[start..^end].Select(name => $"{name}/")), string.Concat(to[start..^end].Select(name => $"{name}/")));
        (string, string) names = ($"{images.Suffix}{Path.GetExtension(image)}", $"{labels.Suffix}{Path.GetExtension(label)}");
        yield return Replacements(folders, names);
        if (from.Length == 1 && to.Length == 1 && to[0].StartsWith(from[0], StringComparison.Ordinal))
        {
            yield return Replacements(("/", $"{to[0][from[0].Length..]}/"), names);
        }
    }

    private static JsonObject Replacements(params (string From, string To)[] pairs) => new()
    {
        ["replace"] = new JsonArray([.. pairs.Where(pair => pair.From != pair.To && pair.From.Length > 0).Select(pair => new JsonArray(pair.From, pair.To))]),
    };

    private static Pairing? Try(string folder, FileSeries images, FileSeries? labels, JsonNode? rule)
    {
        JsonObject description = new() { ["images"] = images.Pattern };
        if (rule is not null)
        {
            description["labels"] = rule.DeepClone();
        }

        try
        {
            byte[] text = Encoding.UTF8.GetBytes(description.ToJsonString());
            return new Pairing(images, labels, rule, FolderEntry.Find(FolderDescriptionReader.Parse(text, Path.Combine(folder, "draft.json")), null));
        }
        catch (CloudsException)
        {
            return null;
        }
    }

    private static int CommonFolders(string image, string label) => Folder(image).Split('/').Intersect(Folder(label).Split('/')).Count();

    private static int Common(IEnumerable<string> a, IEnumerable<string> b) => a.Zip(b).TakeWhile(pair => pair.First == pair.Second).Count();

    private static string Folder(string file) => file[..(file.LastIndexOf('/') + 1)];
}
