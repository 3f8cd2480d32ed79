using Clouds.Diagnostics;

namespace Clouds.Native.Images;

/// <summary>Refuses colours where ids are wanted: one channel of them would be read as classes that nobody drew.</summary>
internal static class LabelColourCheck
{
    private const int Shown = 5;

    /// <summary>Compares the channels of a label.</summary>
    /// <param name="red">First channel.</param>
    /// <param name="green">Second channel, of the same size.</param>
    /// <param name="blue">Third channel, of the same size.</param>
    /// <param name="name">What messages call the file.</param>
    /// <exception cref="CloudsException">BadInput, where they differ: with the most frequent colours.</exception>
    public static void ThrowIfColoured(LabelMap red, LabelMap green, LabelMap blue, string name)
    {
        if (red.Ids.AsSpan().SequenceEqual(green.Ids) && red.Ids.AsSpan().SequenceEqual(blue.Ids))
        {
            return;
        }

        (string Colour, int Pixels)[] found = [.. red.Ids.Select((_, i) => (R: red.Ids[i], G: green.Ids[i], B: blue.Ids[i]))
            .CountBy(colour => colour)
            .OrderByDescending(colour => colour.Value)
            .Select(colour => ($"{colour.Key.R},{colour.Key.G},{colour.Key.B}", colour.Value))];
        throw new CloudsException(
            Failure.BadInput,
            "the label file holds colours, not ids",
            name,
            $"{found.Length} colours: {string.Join("; ", found.Take(Shown).Select(colour => $"{colour.Colour} on {colour.Pixels} pixels"))}"
                + (found.Length > Shown ? "; .." : ""),
            "one id a pixel: gray, palette, or equal red, green and blue",
            "say what the colours mean with \"labels\": { \"pattern\": .., \"colours\": .. } in the data set's JSON file; "
                + "the red channel of 16-bit labels is read with \"idMap\": \"synthia\"");
    }
}
