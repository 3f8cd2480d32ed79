using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Native.Images;

namespace Clouds.Training.Datasets;

/// <summary>From the ids in label files (0..65535) to train ids (0..254, 255 = ignore).</summary>
public sealed class IdMap
{
    private const ushort Unlisted = 0xFFFF;
    private static readonly Lazy<Dictionary<string, Dictionary<int, int>>> Prepared = new(ReadPrepared);
    private readonly ushort[] _table;

    /// <summary>Makes a map.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="pairs">Train id (or 255) of each listed source id.</param>
    /// <param name="ignoreUnlisted">Whether ids outside the list become 255; otherwise they are an error.</param>
    public IdMap(string name, IReadOnlyDictionary<int, int> pairs, bool ignoreUnlisted)
    {
        Name = name;
        Pairs = pairs;
        _table = new ushort[65536];
        Array.Fill(_table, ignoreUnlisted ? LabelMap.Ignore : Unlisted);
        foreach ((int source, int train) in pairs)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)source, 65535u, nameof(pairs));
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)train, 255u, nameof(pairs));
            _table[source] = (ushort)train;
        }
    }

    /// <summary>Names of the prepared maps (method.md section 6.2): all lead to the 19 Cityscapes classes.</summary>
    public static IReadOnlyCollection<string> PreparedNames => Prepared.Value.Keys;

    /// <summary>What messages call it.</summary>
    public string Name { get; }

    /// <summary>Train id of each listed source id.</summary>
    public IReadOnlyDictionary<int, int> Pairs { get; }

    /// <summary>Whether it belongs to SYNTHIA, whose 16-bit colour labels keep the class in the red channel and instances in the green one.</summary>
    public bool ReadsRed => Name == "synthia";

    /// <summary>Source and train id of a prepared map.</summary>
    /// <exception cref="CloudsException">Usage, where there is none of that name.</exception>
    public static IReadOnlyDictionary<int, int> PreparedPairs(string name)
    {
        if (Prepared.Value.TryGetValue(name, out Dictionary<int, int>? pairs))
        {
            return pairs;
        }

        string? nearest = NearestName.Find(name, PreparedNames);
        throw new CloudsException(Failure.Usage, "there is no prepared id map of that name", null, $"\"{name}\"",
            string.Join(", ", PreparedNames), nearest is null ? "choose one of these" : $"did you mean \"{nearest}\"?");
    }

    /// <summary>Train ids 0 .. classes - 1 as they are, and 255.</summary>
    public static IReadOnlyDictionary<int, int> IdentityPairs(int classes) =>
        Enumerable.Range(0, classes).Append(LabelMap.Ignore).ToDictionary(id => id, id => id);

    /// <summary>Train id of a source id, or null where that is an error.</summary>
    public ushort? Find(int id) => _table[id] == Unlisted ? null : _table[id];

    /// <summary>Maps a label file's ids in place.</summary>
    /// <param name="map">Source ids; train ids afterwards.</param>
    /// <param name="file">What messages call it.</param>
    /// <exception cref="CloudsException">BadInput: ids that are not listed, with count and first position of each.</exception>
    public void Apply(LabelMap map, string file)
    {
        ushort union = 0;
        ushort[] table = _table;
        ushort[] ids = map.Ids;
        for (int i = 0; i < ids.Length; i++)
        {
            union |= table[ids[i]];
        }

        if (union > byte.MaxValue)
        {
            throw Outside(map, file);
        }

        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = table[ids[i]];
        }
    }

    /// <summary>Every id that has a train id, as 7>0, and what becomes of the others.</summary>
    public override string ToString()
    {
        IEnumerable<string> pairs = Pairs.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}>{pair.Value}");
        return string.Join(' ', pairs.Append(_table.Contains(Unlisted) ? "others>error" : "others>ignored"));
    }

    private CloudsException Outside(LabelMap map, string file)
    {
        IEnumerable<string> strangers = map.Ids.Select((id, i) => (Id: id, Index: i))
            .Where(pixel => _table[pixel.Id] == Unlisted)
            .GroupBy(pixel => pixel.Id)
            .OrderByDescending(group => group.Count())
            .Take(5)
            .Select(group =>
                $"id {group.Key} on {group.Count()} pixels, first at column {group.First().Index % map.Width}, row {group.First().Index / map.Width}");
        return new CloudsException(
            Failure.BadInput,
            "the label file has ids outside the id map",
            file,
            string.Join("; ", strangers),
            $"the {Pairs.Count} ids of the map \"{Name}\"",
            "list these ids in \"idMap\" or \"ignore\", or set \"unlisted\": \"ignore\"");
    }

    private static Dictionary<string, Dictionary<int, int>> ReadPrepared()
    {
        using Stream stream = typeof(IdMap).Assembly.GetManifestResourceStream("Clouds.Training.Datasets.id-maps.json")!;
        using JsonDocument document = JsonDocument.Parse(stream);
        return document.RootElement.EnumerateObject().ToDictionary(
            map => map.Name,
            map => map.Value.GetProperty("ids").EnumerateObject().ToDictionary(
                pair => int.Parse(pair.Name, System.Globalization.CultureInfo.InvariantCulture),
                pair => pair.Value.GetInt32()));
    }
}
