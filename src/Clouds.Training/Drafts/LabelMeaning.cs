using System.Globalization;
using System.Text.Json.Nodes;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;

namespace Clouds.Training.Drafts;

/// <summary>What the label files of a set seem to mean, as members of its description.</summary>
/// <param name="Members">Members beside "images" and "labels".</param>
/// <param name="LabelMembers">Members inside "labels".</param>
/// <param name="Why">What was guessed and from what, a sentence each.</param>
internal sealed record LabelMeaning(JsonObject Members, JsonObject LabelMembers, IReadOnlyList<string> Why)
{
    // The usual eleven classes of CamVid; 11 is the void class of its reduced form.
    private static readonly (string Name, int[] Colour, int[] Ids)[] CamVid =
    [
        ("Sky", [128, 128, 128], [21]), ("Building", [128, 0, 0], [1, 3, 4, 28, 31]), ("Pole", [192, 192, 128], [8, 23]),
        ("Road", [128, 64, 128], [10, 11, 17]), ("Pavement", [0, 0, 192], [15, 18, 19]), ("Tree", [128, 128, 0], [26, 29]),
        ("SignSymbol", [192, 128, 128], [12, 20, 24]), ("Fence", [64, 64, 128], [9]),
        ("Car", [64, 0, 128], [5, 14, 22, 25, 27]), ("Pedestrian", [64, 64, 0], [0, 6, 7, 16]), ("Bicyclist", [0, 128, 192], [2, 13]),
    ];

    private static readonly string[] CamVidNames = ["0001TP_", "0006R0_", "0016E5_", "Seq05VD_"];

    /// <summary>The meaning of label files.</summary>
    /// <param name="labels">Their series.</param>
    /// <param name="looks">Some of them, at least one.</param>
    public static LabelMeaning Of(FileSeries labels, IReadOnlyList<FileLook> looks)
    {
        ushort[] ids = [.. looks.SelectMany(look => look.Ids.Keys).Distinct().Order()];
        RgbColour[] colours = [.. looks.SelectMany(look => look.Colours.Keys).Distinct().OrderBy(colour => (colour.R, colour.G, colour.B))];
        bool camVid = labels.Files.All(file => CamVidNames.Any(name => Path.GetFileName(file).StartsWith(name, StringComparison.Ordinal)));
        LabelMeaning meaning = looks.Any(look => look.Kind == LookKind.Colours) ? OfColours(colours)
            : looks.Any(look => look.Kind == LookKind.RedIds) ? Prepared("synthia", "16-bit colour is SYNTHIA's: the red channel is the class")
            : camVid && ids is [.., <= 11] ? CamVidIds()
            : OfName(labels, ids) ?? OfIds(ids);
        if (looks.Any(look => look.TwoReadings))
        {
            meaning.LabelMembers["scale"] = "none";
            string why = "labels below 8 bits are read as stored (\"scale\": \"none\"); \"full\" reads them as viewers show them";
            return meaning with { Why = [.. meaning.Why, why] };
        }

        return meaning;
    }

    private static LabelMeaning? OfName(FileSeries labels, ushort[] ids)
    {
        string most = $"ids up to {ids.Where(id => id != LabelMap.Ignore).DefaultIfEmpty().Max()}";
        bool trainIds = ids.All(id => id < ClassSet.Cityscapes.Count || id == LabelMap.Ignore);
        return labels.Suffix switch
        {
            var suffix when suffix.EndsWith("_labelTrainIds", StringComparison.Ordinal) || suffix == "_train_id" => TrainIds($"names end in {suffix}"),
            var suffix when suffix.EndsWith("_labelIds", StringComparison.Ordinal) => Prepared("cityscapes", $"names end in {suffix}"),
            _ when labels.Folders.Contains("v1.2/", StringComparison.Ordinal) => Prepared("mapillary-v1.2", "the folder v1.2 is that of Mapillary Vistas"),
            _ when trainIds && ids.Contains(LabelMap.Ignore) && ids.Length > 2 && ids.Any(id => id is > 2 and < 255) =>
                TrainIds($"{most} and 255 fit Cityscapes' train ids (BDD100K and ACDC have them too)"),
            _ when !trainIds && ids is [.., <= 34] => Prepared("cityscapes", $"{most} fit Cityscapes' label ids (GTA5 has them too)"),
            _ => null,
        };
    }

    private static LabelMeaning TrainIds(string why) => Prepared("train-ids", why);

    private static LabelMeaning Prepared(string map, string why) => new(
        new JsonObject { ["classes"] = "cityscapes", ["idMap"] = map },
        [],
        [$"idMap \"{map}\" to the {ClassSet.Cityscapes.Count} classes of Cityscapes: {why}"]);

    private static LabelMeaning CamVidIds() => new(
        new JsonObject { ["classes"] = new JsonArray([.. CamVid.Select(entry => Class(entry.Name, entry.Colour))]), ["ignore"] = 11 },
        [],
        ["the 11 classes of CamVid, 11 ignored: the names of the files are CamVid's, and the ids fit"]);

    private static LabelMeaning OfIds(ushort[] ids)
    {
        if (ids is [0, 255])
        {
            return new LabelMeaning(
                new JsonObject
                {
                    ["classes"] = new JsonArray(Class("background", [0, 0, 0]), Class("foreground", [255, 255, 255])),
                    ["idMap"] = Map([(0, 0), (255, 1)]),
                },
                [],
                ["two classes, background and foreground: the labels hold 0 and 255 alone"]);
        }

        ushort[] classes = [.. ids.Where(id => id != LabelMap.Ignore)];
        bool dense = classes.Select((id, i) => id == i).All(same => same);
        JsonObject members = new() { ["classes"] = new JsonArray([.. classes.Select((id, i) => Class($"id {id}", Distinct(i)))]) };
        if (!dense)
        {
            members["idMap"] = Map([.. classes.Select((id, i) => ((int)id, i)), .. ids.Contains(LabelMap.Ignore) ? [(255, 255)] : Array.Empty<(int, int)>()]);
        }

        string ignored = ids.Contains(LabelMap.Ignore) ? ", 255 ignored" : "";
        string count = classes.Length == 1 ? "1 class" : $"{classes.Length} classes";
        return new LabelMeaning(members, [], [$"{count}, one for each id found{ignored}: rename them under \"classes\""]);
    }

    private static LabelMeaning OfColours(RgbColour[] colours)
    {
        foreach (string palette in LabelColours.PaletteNames)
        {
            if (colours.All(LabelColours.Palette(palette).Contains))
            {
                JsonObject members = palette == "camvid" ? CamVidColours() : new() { ["classes"] = "cityscapes" };
                return new LabelMeaning(members, new JsonObject { ["colours"] = palette },
                    [$"colours are ids by the palette \"{palette}\": all {colours.Length} that were found are in it"]);
            }
        }

        JsonObject meanings = new([.. colours.Select((colour, i) => KeyValuePair.Create<string, JsonNode?>(Name(colour), i))]);
        return new LabelMeaning(
            new JsonObject { ["classes"] = new JsonArray([.. colours.Select(colour => Class(Name(colour), [colour.R, colour.G, colour.B]))]) },
            new JsonObject { ["colours"] = meanings },
            [$"{colours.Length} classes, one for each colour found: rename them under \"classes\"; what means nothing gets 255 under \"colours\""]);
    }

    private static JsonObject CamVidColours() => new()
    {
        ["classes"] = new JsonArray([.. CamVid.Select(entry => Class(entry.Name, entry.Colour))]),
        ["idMap"] = Map([.. CamVid.SelectMany((entry, train) => entry.Ids.Select(id => (id, train))), (30, 255)]),
    };

    private static JsonObject Map(IEnumerable<(int Source, int Train)> pairs) => new([.. pairs.OrderBy(pair => pair.Source)
        .Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Source.ToString(CultureInfo.InvariantCulture), pair.Train))]);

    private static JsonObject Class(string name, int[] colour) =>
        new() { ["name"] = name, ["colour"] = new JsonArray([.. colour.Select(part => JsonValue.Create(part))]) };

    private static string Name(RgbColour colour) => string.Create(CultureInfo.InvariantCulture, $"{colour.R},{colour.G},{colour.B}");

    // Bits of the number spread over the channels, as the palettes of VOC are made.
    private static int[] Distinct(int number)
    {
        int[] colour = new int[3];
        for (int bit = 7, rest = number + 1; rest > 0 && bit >= 0; bit--, rest >>= 3)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                colour[channel] |= ((rest >> channel) & 1) << bit;
            }
        }

        return colour;
    }
}
