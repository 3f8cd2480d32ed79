using System.Globalization;
using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Graph.Json;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Training.Datasets;

/// <summary>Reads the JSON file of a folder data set; unknown keys are refused with the nearest known name.</summary>
internal static class FolderDescriptionReader
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="CloudsException">BadInput where it cannot be read, Usage where it is wrong; always naming file and key.</exception>
    public static FolderDescription Read(string path)
    {
        if (Directory.Exists(path))
        {
            string inside = Path.Combine(path, "dataset.json");
            throw new CloudsException(Failure.BadInput, "a folder was given where the JSON file of a data set is meant", path, "a folder", "a JSON file",
                File.Exists(inside) ? $"name {inside}" : $"`clouds data init {path}` writes one by looking at the folder");
        }

        return Parse(WholeFile.Read(path), path);
    }

    /// <summary>Reads the text of a file that may not be there yet.</summary>
    /// <exception cref="CloudsException">Usage where it is wrong; BadInput where a list of samples cannot be read.</exception>
    public static FolderDescription Parse(byte[] text, string path)
    {
        StrictJson json = StrictJson.Parse(text, new JsonOrigin("the data set's description", path, Failure.Usage))
            .WithKeys("name", "root", "images", "labels", "idMap", "ignore", "unlisted", "classes", "subset", "scoredAt", "order");
        ClassSet classes = Classes(json.Find("classes"));
        LabelDescriptionReader labels = new(json.Find("labels"));
        IdMap ids = Ids(json, classes, labels.UsualIdMap(classes));
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return new FolderDescription
        {
            Name = json.Find("name")?.Text() ?? Path.GetFileNameWithoutExtension(path),
            Root = Path.GetFullPath(Path.Combine(folder, WrittenPath.Read(json.Find("root")?.Text() ?? "."))),
            Images = json.Get("images").Text(),
            Labels = labels.Rule(),
            Colours = labels.Colours(classes, ids, ignoreUnlisted: json.Find("unlisted")?.Text() == "ignore"),
            Scale = labels.Scale(),
            IdMap = ids,
            Classes = classes,
            Assumed = json.Find("labels") is null || json.Find("classes") is not null ? [] : [Assumption(path, ids)],
            Subset = Part(json.Find("subset"), folder),
            OrderedByNumber = json.Find("order")?.OneOf("name", "number") == "number",
            ScoredResized = json.Find("scoredAt")?.OneOf("original", "resized") == "resized",
        };
    }

    private static string Assumption(string path, IdMap ids) =>
        $"{path}: no \"classes\", so the {ClassSet.Cityscapes.Count} of Cityscapes are assumed, and {(ids.Name == "identity"
            ? "their train ids in the label files" : $"the id map \"{ids.Name}\" leads to them")}";

    private static IdMap Ids(StrictJson json, ClassSet classes, string usual)
    {
        StrictJson? map = json.Find("idMap");
        Dictionary<int, int> pairs = map is not null ? Pairs(map, classes)
            : new(usual == "identity" ? IdMap.IdentityPairs(classes.Count) : IdMap.PreparedPairs(usual));
        foreach (int id in Ignored(json.Find("ignore")))
        {
            pairs[id] = LabelMap.Ignore;
        }

        // A prepared map lists what counts and means everything else to be ignored; an own map that forgets an id is a mistake.
        string name = map is null ? usual : map.Kind == JsonValueKind.String ? map.Text() : "idMap";
        bool prepared = name is not ("identity" or "train-ids" or "idMap");
        string unlisted = json.Find("unlisted")?.OneOf("ignore", "error") ?? (prepared ? "ignore" : "error");
        return new IdMap(name, pairs, unlisted == "ignore");
    }

    private static Dictionary<int, int> Pairs(StrictJson map, ClassSet classes)
    {
        if (map.Kind != JsonValueKind.String)
        {
            return OwnPairs(map, classes);
        }

        string name = map.Text();
        if (name == "identity")
        {
            return new(IdMap.IdentityPairs(classes.Count));
        }

        return !IdMap.PreparedNames.Contains(name) || classes.Count == ClassSet.Cityscapes.Count
            ? new(Prepared(map, name))
            : throw map.Wrong($"a list of its own: the prepared maps lead to {ClassSet.Cityscapes.Count} classes, not {classes.Count}");
    }

    /// <summary>Source ids and train ids of an object of ids and names or numbers of classes.</summary>
    internal static Dictionary<int, int> OwnPairs(StrictJson map, ClassSet classes) =>
        map.Members().ToDictionary(SourceId, member => TrainId(member, classes));

    private static IReadOnlyDictionary<int, int> Prepared(StrictJson map, string name)
    {
        string[] known = [.. IdMap.PreparedNames, "identity"];
        if (known.Contains(name))
        {
            return IdMap.PreparedPairs(name);
        }

        string? nearest = NearestName.Find(name, known);
        throw map.Wrong($"{string.Join(", ", known)}, or an object of ids{(nearest is null ? "" : $"; did you mean \"{nearest}\"?")}");
    }

    private static int SourceId(StrictJson member) =>
        !int.TryParse(member.Name, NumberStyles.Integer, CultureInfo.InvariantCulture, out int id) || id is < 0 or > ushort.MaxValue
            ? throw member.WrongKey("a source id from 0 to 65535")
            : $"{id}" == member.Name ? id : throw member.WrongKey($"{id}");

    private static int TrainId(StrictJson value, ClassSet classes)
    {
        if (value.Kind == JsonValueKind.String)
        {
            return ClassNamed(value, classes);
        }

        int id = value.Number(0, LabelMap.Ignore);
        return id < classes.Count || id == LabelMap.Ignore ? id : throw value.Wrong($"a train id from 0 to {classes.Count - 1}, or 255 to ignore");
    }

    /// <summary>The number of the class that a text names; 255 for "ignore".</summary>
    public static int ClassNamed(StrictJson value, ClassSet classes)
    {
        string name = value.Text();
        int id = classes.Names.ToList().IndexOf(name);
        string? near = NearestName.Find(name, classes.Names);
        return id >= 0 ? id
            : name == "ignore" ? LabelMap.Ignore
            : throw value.Wrong($"a class's name or number, or \"ignore\"{(near is null ? "" : $"; did you mean \"{near}\"?")}");
    }

    private static IEnumerable<int> Ignored(StrictJson? json) => json switch
    {
        null => [],
        { Kind: JsonValueKind.Array } => json.Items().Select(item => item.Number(0, ushort.MaxValue)),
        _ => [json.Number(0, ushort.MaxValue)],
    };

    private static ClassSet Classes(StrictJson? json)
    {
        if (json is null || json.Kind == JsonValueKind.String)
        {
            _ = json?.OneOf("cityscapes");
            return ClassSet.Cityscapes;
        }

        IReadOnlyList<StrictJson>[] items = [.. json.Items().Select(item => item.Exactly("name", "colour"))];
        return new ClassSet([.. items.Select(item => item[0].Text())], [.. items.Select(item => Colour(item[1]))]);
    }

    private static RgbColour Colour(StrictJson json) =>
        json.Items() is [StrictJson red, StrictJson green, StrictJson blue]
            ? new RgbColour((byte)red.Number(0, 255), (byte)green.Number(0, 255), (byte)blue.Number(0, 255))
            : throw json.Wrong("[red, green, blue]");

    private static string[]? Named(StrictJson json, string folder)
    {
        string[]? names = json.Find("names")?.Items().Select(item => item.Text()).ToArray();
        if (json.Find("list") is not StrictJson list)
        {
            return names;
        }

        string path = Path.Combine(folder, WrittenPath.Read(list.Text()));
        string[] lines = [.. File.Exists(path) ? File.ReadAllLines(path).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')
            : throw list.Wrong($"a file with one sample a line; there is no {path}")];
        return lines.Length > 0 ? [.. lines, .. names ?? []] : throw list.Wrong($"at least one sample; {path} has none");
    }

    private static Subset Part(StrictJson? json, string folder)
    {
        if (json is null)
        {
            return new Subset();
        }

        json.WithKeys("list", "names", "exclude", "every", "notEvery", "offset", "skip", "first");
        Subset part = new()
        {
            Names = Named(json, folder),
            Exclude = json.Find("exclude")?.Items().Select(item => item.Text()).ToArray() ?? [],
            Every = Count("every"),
            NotEvery = Count("notEvery"),
            Offset = Count("offset"),
            Skip = Count("skip"),
            First = Count("first"),
        };
        bool both = part.Every > 0 && part.NotEvery > 0;
        return !both && part.Offset < Math.Max(1, part.Every + part.NotEvery)
            ? part
            : throw json.Wrong("\"every\" or \"notEvery\", and an \"offset\" below it");

        int Count(string key) => json.Find(key)?.Number(0, int.MaxValue) ?? 0;
    }
}
