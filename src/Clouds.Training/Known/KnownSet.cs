using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Training.Datasets;

namespace Clouds.Training.Known;

/// <summary>A published data set whose folders, ids and quirks are known (method.md sections 6.1 and 6.2). The table is known-sets.json.</summary>
public sealed record KnownSet
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Every known set.</summary>
    public static IReadOnlyList<KnownSet> All { get; } = Read();

    /// <summary>What it is called, for people.</summary>
    public required string Title { get; init; }

    /// <summary>Words that name it in a SPEC, and folders that it usually lies in, in small letters; the first is its name.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Where one gets it.</summary>
    public required string From { get; init; }

    /// <summary>What its licence allows.</summary>
    public required string Licence { get; init; }

    /// <summary>Number of images that were published, those that do not belong to it included, by the name of the set with its choices.</summary>
    public IReadOnlyDictionary<string, int> Published { get; init; } = new Dictionary<string, int>();

    /// <summary>What has to be chosen of it, for instance its split.</summary>
    public OrderedDictionary<string, KnownChoice> Choices { get; init; } = [];

    /// <summary>Ways in which its files are found in folders; the first that fits counts.</summary>
    public required IReadOnlyList<KnownLayout> Layouts { get; init; }

    /// <summary>Members of its description, whatever the layout.</summary>
    public required JsonObject Members { get; init; }

    /// <summary>Names of samples that do not belong to it, or ranges of numbers as 20801-20860.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>What the names of its images are like, as a regular expression, where its folders are called as many others'; null: they say enough.</summary>
    public string? Stems { get; init; }

    /// <summary>Whether whoever made it keeps a list of its images beside them (<see cref="StoreManifest"/>).</summary>
    public bool Listed { get; init; }

    /// <summary>Its name.</summary>
    public string Name => Names[0];

    /// <summary>Every name of a sample that does not belong to it.</summary>
    public IEnumerable<string> Excluded => Exclude.SelectMany(text => text.Split('-') is [string first, string last]
        ? Enumerable.Range(int.Parse(first), int.Parse(last) - int.Parse(first) + 1).Select(number => $"{number}")
        : [text]);

    /// <summary>The set of a name; null: none.</summary>
    public static KnownSet? Find(string name) => All.FirstOrDefault(set => set.Names.Contains(name));

    private static List<KnownSet> Read()
    {
        using Stream stream = typeof(KnownSet).Assembly.GetManifestResourceStream("Clouds.Training.Known.known-sets.json")!;
        return JsonSerializer.Deserialize<List<KnownSet>>(stream, Format)!;
    }
}

/// <summary>Something that is chosen of a data set.</summary>
/// <param name="Values">What may be chosen, and what stands for it in a layout.</param>
/// <param name="Default">What is taken where nothing is said; null: something has to be.</param>
public sealed record KnownChoice(OrderedDictionary<string, string> Values, string? Default = null);

/// <summary>A way in which the files of a data set are found.</summary>
/// <param name="Images">Pattern of its images, with the choices in braces.</param>
/// <param name="Labels">"labels" of its description; null: it has none.</param>
/// <param name="Members">What of its description is otherwise than in the set's other layouts.</param>
public sealed record KnownLayout(string Images, JsonNode? Labels = null, JsonObject? Members = null);
