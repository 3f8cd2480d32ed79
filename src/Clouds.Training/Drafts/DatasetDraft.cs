using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Training.Datasets;
using Clouds.Training.Known;

namespace Clouds.Training.Drafts;

/// <summary>A description of the data set in a folder, guessed from names and pixels.</summary>
/// <param name="Files">Name and content of each file to write into the folder: descriptions, and lists of samples.</param>
/// <param name="Guesses">What was guessed and from what, a sentence each.</param>
/// <param name="Train">Samples to train on.</param>
/// <param name="Val">Samples to score on.</param>
public sealed partial record DatasetDraft(IReadOnlyDictionary<string, string> Files, IReadOnlyList<string> Guesses, int Train, int Val)
{
    private const int Looked = 100;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Looks through a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="share">Share of the samples to score on where the folders tell no split, 0..1.</param>
    /// <param name="warn">Told of folders and files with several names.</param>
    /// <exception cref="CloudsException">BadInput: no such folder, or no images in it.</exception>
    public static DatasetDraft Of(string folder, double share, Action<string>? warn = null)
    {
        if (!Directory.Exists(folder))
        {
            throw new CloudsException(Failure.BadInput, "there is no such folder", folder, next: "name the folder of a data set");
        }

        // What is written into the folder is read from there, wherever the program stands.
        folder = Path.GetFullPath(folder);
        IReadOnlyList<FileSeries> series = FileSeries.Of(FolderWalk.Files(folder, _ => true, warn: warn));
        Pairing all = Best(folder, series);
        KnownSetTraits? known = all.Labels is null ? null : KnownSetTraits.Of(folder);
        Pairing pairing = known is null ? all : all.Without(known.Set.Excluded.ToHashSet());
        Split split = Split.Of(folder, pairing, share);
        List<string> guesses = [$"images: {pairing.Images.Pattern} ({pairing.Entries.Count} files)"];
        JsonObject description = new() { ["images"] = pairing.Images.Pattern };
        if (pairing.Labels is FileSeries labels)
        {
            guesses.Add($"labels: {labels.Pattern}; {pairing.Pairs.Count} of {pairing.Entries.Count} images have one");
            Describe(folder, pairing, labels, description, guesses);
            guesses.AddRange(Known(known, description, all.Entries.Count - pairing.Entries.Count));
        }
        else
        {
            guesses.Add("labels: none were found, so it is a set of images alone");
        }

        guesses.AddRange(Unused(series, pairing));
        guesses.Add(split.Why);
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        Dictionary<string, string> texts = Texts(name, description, pairing, split, whole: pairing.Pairs.Count == all.Entries.Count);
        return new DatasetDraft(texts, guesses, split.Train.Count, split.Val.Count);
    }

    private static Pairing Best(string folder, IReadOnlyList<FileSeries> series)
    {
        Dictionary<FileSeries, LookKind> kinds = series.ToDictionary(
            files => files, files => FileLook.At(Path.Combine(folder, files.Files[files.Files.Count / 2]), files.NamedAsLabels).Kind);
        FileSeries[] photographs = [.. series.Where(files => kinds[files] == LookKind.Photograph && !files.NamedAsLabels && !files.NamedAsAnswers)];
        FileSeries[] labels =
        [
            .. series.Where(files => kinds[files] is LookKind.Ids or LookKind.RedIds or LookKind.Colours && !files.NamedAsAnswers)
                .OrderBy(files => files.NamedAsLabels ? 0 : 1).ThenBy(Rank),
        ];
        IEnumerable<Pairing> pairings = photographs.SelectMany(images => labels.Where(files => files != images)
            .Select(files => Pairing.Find(folder, images, files)).OfType<Pairing>());
        return pairings.MaxBy(pairing => pairing.Pairs.Count)
            ?? photographs.Select(images => Pairing.Alone(folder, images)).OfType<Pairing>().FirstOrDefault()
            ?? throw new CloudsException(Failure.BadInput, "no data set can be made out in the folder", folder,
                series.Count == 0 ? "no images" : string.Join(", ", series.Take(5).Select(files => $"{files.Pattern} ({kinds[files]})")),
                "photographs, and label images with their names", "write the description by hand: `clouds data check --help` shows how");
    }

    // Of several labels of the same images: ids before drawings, the official ids before those made from them, instances last.
    private static int Rank(FileSeries files) => files.Suffix switch
    {
        var suffix when suffix.Contains("instanceIds", StringComparison.Ordinal) => 4,
        var suffix when suffix.Contains("color", StringComparison.OrdinalIgnoreCase) || files.Folders.Contains("color", StringComparison.Ordinal) => 3,
        var suffix when suffix.Contains("Coarse", StringComparison.Ordinal) => 2,
        "_train_id" => 1,
        var suffix when suffix.Contains("TrainIds", StringComparison.Ordinal) || suffix.Contains("invIds", StringComparison.Ordinal) => 1,
        _ => 0,
    };

    private static void Describe(string folder, Pairing pairing, FileSeries labels, JsonObject description, List<string> guesses)
    {
        int step = Math.Max(1, pairing.Pairs.Count / Looked);
        FileLook[] looks = [.. pairing.Pairs.Where((_, i) => i % step == 0).Select(pair => FileLook.At(pair.Label!, label: true))
            .Where(look => look.Kind is not LookKind.Unreadable and not LookKind.Photograph)];
        LabelMeaning meaning = LabelMeaning.Of(labels, looks);
        guesses.Add($"looked into {looks.Length} label files");
        guesses.AddRange(meaning.Why);
        JsonNode rule = pairing.Rule!.DeepClone();
        JsonObject whole = rule as JsonObject ?? new JsonObject { ["pattern"] = rule };
        foreach ((string key, JsonNode? value) in meaning.LabelMembers)
        {
            whole[key] = value?.DeepClone();
        }

        description["labels"] = whole.Count == 1 && whole.ContainsKey("pattern") ? whole["pattern"]!.DeepClone() : whole;
        foreach ((string key, JsonNode? value) in meaning.Members)
        {
            description[key] = value?.DeepClone();
        }
    }

    // The quirks of a published set, where the labels mean what its labels do.
    private static IEnumerable<string> Known(KnownSetTraits? known, JsonObject description, int excluded)
    {
        if (known is null || description["idMap"]?.ToString() != known.IdMap)
        {
            yield break;
        }

        foreach ((string key, JsonNode? value) in known.Members)
        {
            description[key] = value?.DeepClone();
        }

        string left = excluded == 0 ? "" : $", and {excluded} pairs are left out as the reference code has it";
        yield return $"{known.Set.Title} by its folders: what it ignores and at which size it is scored are known{left}";
    }

    private static IEnumerable<string> Unused(IReadOnlyList<FileSeries> series, Pairing pairing)
    {
        string[] others = [.. series.Where(files => files != pairing.Images && files != pairing.Labels)
            .Select(files => $"{files.Pattern} ({files.Files.Count})")];
        return others.Length == 0 ? [] : [$"not used: {string.Join(", ", others.Take(6))}{(others.Length > 6 ? ", .." : "")}"];
    }

    [GeneratedRegex(@"[\[{][^\[\]{}]{0,150}[\]}]")]
    private static partial Regex ShortLists();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    private static Dictionary<string, string> Texts(string name, JsonObject description, Pairing pairing, Split split, bool whole)
    {
        Dictionary<string, string> texts = [];
        Add("dataset", whole ? null : pairing.Pairs.Select(pair => pair.Name), name);
        if (split.Val.Count > 0)
        {
            Add("train", split.Train, $"{name}-train");
            Add("val", split.Val, $"{name}-val");
        }

        return texts;

        void Add(string file, IEnumerable<string>? samples, string title)
        {
            JsonObject text = new() { ["name"] = title };
            foreach ((string key, JsonNode? value) in description)
            {
                text[key] = value?.DeepClone();
            }

            if (samples is not null)
            {
                text["subset"] = new JsonObject { ["list"] = $"{file}.txt" };
                texts[$"{file}.txt"] = string.Concat(samples.Select(sample => $"{sample}\n"));
            }

            texts[$"{file}.json"] = ShortLists().Replace(text.ToJsonString(Indented), list => Space().Replace(list.Value, " ")) + "\n";
        }
    }
}
