using System.Globalization;
using System.Text.Json;
using Clouds.Graph.Json;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Training.Datasets;

/// <summary>Reads what a data set's JSON file says under "labels": where the label files are, and what is in them.</summary>
/// <param name="json">A pattern alone, or an object of the keys "pattern" or "replace", "colours" and "scale"; null: no labels.</param>
internal sealed class LabelDescriptionReader(StrictJson? json)
{
    private static readonly Dictionary<string, string> UsualMaps = new() { ["cityscapes"] = "cityscapes", ["mapillary"] = "mapillary-v1.2" };

    private readonly StrictJson? _colours = json?.Kind == JsonValueKind.Object
        ? json.WithKeys("pattern", "replace", "colours", "scale").Find("colours")
        : null;

    /// <summary>Name of the id map where the file has none: with the colours of a data set its own, as far as it leads to the classes.</summary>
    public string UsualIdMap(ClassSet classes) => _colours?.Kind == JsonValueKind.String && classes.Count == ClassSet.Cityscapes.Count
        ? UsualMaps.GetValueOrDefault(_colours.Text(), "identity")
        : "identity";

    /// <summary>How label files are found; null: the set has none.</summary>
    public LabelRule? Rule()
    {
        if (json is null)
        {
            return null;
        }

        StrictJson? pattern = json.Kind == JsonValueKind.Object ? json.Find("pattern") : json;
        StrictJson? pairs = json.Kind == JsonValueKind.Object ? json.Find("replace") : null;
        return (pattern, pairs) switch
        {
            (StrictJson, null) => LabelRule.FromPattern(pattern.Text().Contains("{stem}", StringComparison.Ordinal)
                ? pattern.Text() : throw pattern.Wrong("a pattern with {stem}")),
            (null, StrictJson) => LabelRule.FromReplacements(pairs.Items().Count > 0
                ? [.. pairs.Items().Select(Replacement)] : throw pairs.Wrong("at least one pair [from, to]")),
            _ => throw json.Wrong("\"pattern\" or \"replace\""),
        };
    }

    /// <summary>How label files below 8 bits are read.</summary>
    public LabelScale Scale() => json?.Kind == JsonValueKind.Object && json.Find("scale") is StrictJson scale
        ? _colours is not null ? throw scale.Wrong("no \"scale\" beside \"colours\"")
        : scale.OneOf("none", "full") == "full" ? LabelScale.Full : LabelScale.None
        : LabelScale.Unstated;

    /// <summary>The meaning of the colours; null: label files hold ids.</summary>
    public LabelColours? Colours(ClassSet classes, IdMap ids, bool ignoreUnlisted) => _colours switch
    {
        null => null,
        { Kind: JsonValueKind.Object } => new(_colours.Members().ToDictionary(Colour, member => Train(member, classes, ids)), ignoreUnlisted),
        _ when _colours.OneOf(["classes", .. LabelColours.PaletteNames]) == "classes" => new(OfClasses(_colours, classes), ignoreUnlisted),
        _ => new(OfPalette(_colours, ids), ignoreUnlisted),
    };

    // What is put in may be empty, what is looked for may not.
    private static (string From, string To) Replacement(StrictJson pair) =>
        pair.Items() is [StrictJson from, StrictJson { Kind: JsonValueKind.String } to]
            ? (from.Text(), to.TextOrEmpty())
            : throw pair.Wrong("a pair [\"from\", \"to\"]");

    private static RgbColour Colour(StrictJson member)
    {
        int[] parts = [.. member.Name!.Split(',')
            .Select(part => byte.TryParse(part, NumberStyles.Integer, CultureInfo.InvariantCulture, out byte value) ? value : -1)];
        return parts is not [>= 0, >= 0, >= 0] ? throw member.WrongKey("a colour such as 128,64,128: red, green and blue from 0 to 255")
            : string.Join(',', parts) != member.Name ? throw member.WrongKey(string.Join(',', parts))
            : new RgbColour((byte)parts[0], (byte)parts[1], (byte)parts[2]);
    }

    private static ushort Train(StrictJson value, ClassSet classes, IdMap ids) =>
        value.Kind == JsonValueKind.String ? (ushort)FolderDescriptionReader.ClassNamed(value, classes)
        : ids.Find(value.Number(0, ushort.MaxValue)) ?? throw value.Wrong("an id that \"idMap\" lists: without it a class's number, or 255 to ignore");

    private static Dictionary<RgbColour, ushort> OfClasses(StrictJson json, ClassSet classes) => classes.Colours.Distinct().Count() == classes.Count
        ? classes.Colours.Select((colour, id) => (colour, id)).ToDictionary(pair => pair.colour, pair => (ushort)pair.id)
        : throw json.Wrong("a colour of its own for every class");

    // Pole and pole group are both 153,153,153: a shared colour means whichever of its ids counts.
    private static Dictionary<RgbColour, ushort> OfPalette(StrictJson json, IdMap ids)
    {
        if (ids.Name == "identity")
        {
            throw json.Wrong("\"idMap\" beside it, from the ids of this data set to the classes");
        }

        return LabelColours.Palette(json.Text()).Select((colour, id) => (colour, Train: ids.Find(id)))
            .Where(pair => pair.Train is not null)
            .GroupBy(pair => pair.colour, pair => pair.Train!.Value)
            .ToDictionary(group => group.Key, group => group.Where(id => id != LabelMap.Ignore).Distinct().ToArray() switch
            {
                [] => LabelMap.Ignore,
                [ushort id] => id,
                _ => throw json.Wrong($"an id map that leads the ids of colour {group.Key.R},{group.Key.G},{group.Key.B} to one class"),
            });
    }
}
