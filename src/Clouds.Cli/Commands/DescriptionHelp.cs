using Clouds.Training.Datasets;
using Clouds.Training.Known;

namespace Clouds.Cli.Commands;

/// <summary>What the JSON file of a data set may say; the help of the verbs that read or write one.</summary>
internal static class DescriptionHelp
{
    /// <summary>How published data sets are named.</summary>
    public static string KnownSets { get; } =
        "Published data sets are named with the folder that they, or a folder of their name, lie in; without one in that of the variable CLOUDS_DATA, or "
        + "in datasets: "
        + string.Join(", ", KnownSet.All.Select(set => $"{set.Name}{string.Concat(set.Choices.Select(Choice))}"))
        + ". Behind a question mark stand these choices, and exclude, every, notEvery, offset, skip and first as under subset: "
        + "cityscapes:/data?split=val, acdc:/data?condition=night, gta5:/data?exclude= (with the 62 pairs that the reference code leaves out), "
        + "generated:/images?first=500 (where a manifest.jsonl lies there, the images that its lines name as \"file\"), "
        + "generated:/images?images=unmarked (without those that its marks.jsonl names).";

    public static string Text { get; } =
        "The description is one JSON file; comments are allowed, paths are below \"root\" or absolute, with ~ and with either slash:\n\n"
        + "  { \"images\": \"images/*.png\", \"labels\": \"labels/{stem}.png\", \"idMap\": \"cityscapes\" }\n\n"
        + "images: pattern of the images; * is any run in a name, ** any folders. Letters count, but not in the ending: *.png finds a.PNG too.\n\n"
        + "labels: pattern with {stem}, an image's name, and {folder}, its folder below the images; or { \"replace\": [[from, to], ..] } in the image's path. "
        + "A label that two images claim is an error. Links are followed, and a folder that several of them lead to is read once. "
        + "Without \"labels\" it is a set of images alone.\n\n"
        + "classes: \"cityscapes\", assumed where it is missing, or a list of { \"name\": .., \"colour\": [r, g, b] }; a class's number is its place.\n\n"
        + "idMap: from the ids in label files to classes: \"identity\", a prepared map (" + string.Join(", ", IdMap.PreparedNames) + "), or a list such as "
        + "{ \"7\": \"road\", \"8\": 1, \"0\": \"ignore\" } of names or numbers of classes; 255 is ignored. ignore: ids to ignore besides. "
        + "unlisted: \"error\" or \"ignore\", for ids that are in no list.\n\n"
        + "subset: the steps are taken in this order: { \"list\": \"train.txt\", \"names\": [..], \"exclude\": [..], \"every\": n, \"notEvery\": n, "
        + "\"offset\": k, \"skip\": n, \"first\": n }. A list file has one sample a line, its path below the images with or without ending; "
        + "# begins a comment. \"every\": 5 and \"notEvery\": 5 are the two parts of a split.\n\n"
        + "name: what reports call it. root: the folder that paths start from; the file's own by default. scoredAt: \"original\", the labels' own size, or "
        + "\"resized\", that at which the network sees an image; what the reference code does with the set. "
        + "order: \"number\" has a2 before a10.\n\n"
        + "Label files hold ids: gray, palette (the index counts), or SYNTHIA's 16-bit colour with \"idMap\": \"synthia\" (the red channel counts). "
        + "Below 8 bits, \"labels\": { \"pattern\": .., \"scale\": \"none\" } takes the stored numbers and \"full\" what viewers show (0 and 255 of one bit); "
        + "without it a file where the two differ is refused. Labels drawn in colours need to be told what a colour means:\n\n"
        + "  \"labels\": { \"pattern\": \"labels/{stem}.png\", \"colours\": { \"0,0,0\": 0, \"0,200,0\": 1, \"255,255,255\": 255 } }\n\n"
        + "with ids that idMap maps, without it the numbers of the classes and 255 to ignore; or \"colours\": \"classes\" for the colours under classes; "
        + $"or the official colours of a data set: {string.Join(", ", LabelColours.PaletteNames)}.";

    private static string Choice(KeyValuePair<string, KnownChoice> choice) =>
        $" ({choice.Key} {string.Join("|", choice.Value.Values.Keys)}{(choice.Value.Default is null ? "" : $", by default {choice.Value.Default}")})";
}
