using Clouds.Diagnostics;

namespace Clouds.Native.Images;

/// <summary>The two readings of labels below 8 bits: the stored number, and the gray that viewers show for it.</summary>
internal static class LabelDepth
{
    /// <summary>Turns stored numbers into ids.</summary>
    /// <param name="map">Stored numbers; ids afterwards.</param>
    /// <param name="header">The file's header.</param>
    /// <param name="palette">Its palette, R G B.</param>
    /// <param name="scale">Which reading is meant.</param>
    /// <param name="name">What messages call the file.</param>
    /// <exception cref="CloudsException">BadInput, where the readings differ and nobody said which is meant.</exception>
    public static void Apply(LabelMap map, PngHeader header, byte[] palette, LabelScale scale, string name)
    {
        if (header.Bits >= 8 || scale == LabelScale.None)
        {
            return;
        }

        ushort[] stored = [.. map.Ids.Distinct().Order()];
        ushort?[] grays = [.. stored.Select(number => Gray(number, header, palette))];
        if (grays.Contains(null) || stored.Select((number, i) => number == grays[i]).All(same => same))
        {
            return;
        }

        Dictionary<ushort, ushort> full = stored.Zip(grays).ToDictionary(pair => pair.First, pair => pair.Second!.Value);
        ushort[] ids = map.Ids;
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = scale == LabelScale.Full ? full[ids[i]] : throw TwoReadings(full, header, name);
        }
    }

    // A palette with colours is one of classes, and its grays are none of ids.
    private static ushort? Gray(ushort number, PngHeader header, byte[] palette) => header.Colour switch
    {
        PngColour.Gray => (ushort)(number * 255 / ((1 << header.Bits) - 1)),
        _ when palette.AsSpan(Math.Min(3 * number, palette.Length)) is [byte red, byte green, byte blue, ..] && red == green && red == blue => red,
        _ => null,
    };

    private static CloudsException TwoReadings(Dictionary<ushort, ushort> full, PngHeader header, string name) => new(
        Failure.BadInput,
        "the label file can be read in two ways",
        name,
        $"{header.Bits} bits a pixel: ids {string.Join(", ", full.Keys)} as stored, {string.Join(", ", full.Values)} at full scale",
        "8 or 16 bits, or a description that says which is meant",
        "write \"labels\": { \"pattern\": .., \"scale\": \"none\" } for the first or \"full\" for the second in the data set's JSON file, "
            + "or save the file with 8 bits");
}
