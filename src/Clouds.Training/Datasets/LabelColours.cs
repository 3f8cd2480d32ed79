using System.Runtime.InteropServices;
using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Native.Images;

namespace Clouds.Training.Datasets;

/// <summary>From the colours in label files to train ids (0..254, 255 = ignore).</summary>
public sealed class LabelColours
{
    private static readonly Lazy<Dictionary<string, RgbColour[]>> Palettes = new(ReadPalettes);
    private readonly IReadOnlyDictionary<RgbColour, ushort> _ids;
    private readonly bool _ignoreUnlisted;

    /// <summary>Makes a table.</summary>
    /// <param name="ids">Train id (or 255) of each listed colour.</param>
    /// <param name="ignoreUnlisted">Whether other colours become 255; otherwise they are an error.</param>
    public LabelColours(IReadOnlyDictionary<RgbColour, ushort> ids, bool ignoreUnlisted) => (_ids, _ignoreUnlisted) = (ids, ignoreUnlisted);

    /// <summary>Data sets whose official colours are known.</summary>
    public static IReadOnlyCollection<string> PaletteNames => Palettes.Value.Keys;

    /// <summary>Colours of a data set: position i is the colour of source id i. Several ids may share one.</summary>
    /// <exception cref="KeyNotFoundException">None of <see cref="PaletteNames"/>.</exception>
    public static IReadOnlyList<RgbColour> Palette(string name) => Palettes.Value[name];

    /// <summary>Reads a label file by its colours, palettes expanded, alpha dropped.</summary>
    /// <exception cref="CloudsException">BadInput: no image that can be read, or colours that are not listed, with the count of each.</exception>
    public LabelMap Read(string path)
    {
        RgbImage image = ImageFile.Read(path);
        ReadOnlySpan<RgbColour> colours = MemoryMarshal.Cast<byte, RgbColour>(image.Pixels);
        LabelMap map = new(image.Width, image.Height);
        for (int i = 0; i < colours.Length; i++)
        {
            bool again = i > 0 && colours[i] == colours[i - 1];
            map.Ids[i] = again ? map.Ids[i - 1] : IdOf(colours[i]) ?? throw Unlisted(colours, path);
        }

        return map;
    }

    /// <summary>Every colour that has a train id, as 70,130,180>10, and what becomes of the others.</summary>
    public override string ToString()
    {
        IEnumerable<string> pairs = _ids.OrderBy(pair => (pair.Key.R, pair.Key.G, pair.Key.B))
            .Select(pair => $"{pair.Key.R},{pair.Key.G},{pair.Key.B}>{pair.Value}");
        return string.Join(' ', pairs.Append(_ignoreUnlisted ? "others>ignored" : "others>error"));
    }

    private ushort? IdOf(RgbColour colour) => _ids.TryGetValue(colour, out ushort id) ? id : _ignoreUnlisted ? LabelMap.Ignore : null;

    private CloudsException Unlisted(ReadOnlySpan<RgbColour> colours, string path)
    {
        KeyValuePair<RgbColour, int>[] strangers = [.. colours.ToArray().CountBy(colour => colour)
            .Where(colour => IdOf(colour.Key) is null)
            .OrderByDescending(colour => colour.Value)];
        IEnumerable<string> shown = strangers.Take(5).Select(colour => $"{colour.Key.R},{colour.Key.G},{colour.Key.B} on {colour.Value} pixels");
        return new CloudsException(
            Failure.BadInput,
            "the label file has colours that mean no class",
            path,
            $"{strangers.Length} colours: {string.Join("; ", shown)}{(strangers.Length > 5 ? "; .." : "")}",
            $"the {_ids.Count} colours of the description",
            "list them under \"colours\", or set \"unlisted\": \"ignore\"; colours between two classes come from scaling or JPEG: use the original file");
    }

    private static Dictionary<string, RgbColour[]> ReadPalettes()
    {
        using Stream stream = typeof(LabelColours).Assembly.GetManifestResourceStream("Clouds.Training.Datasets.label-palettes.json")!;
        using JsonDocument document = JsonDocument.Parse(stream);
        return document.RootElement.EnumerateObject().ToDictionary(
            palette => palette.Name,
            palette => palette.Value.EnumerateArray().Select(colour => new RgbColour(colour[0].GetByte(), colour[1].GetByte(), colour[2].GetByte())).ToArray());
    }
}
