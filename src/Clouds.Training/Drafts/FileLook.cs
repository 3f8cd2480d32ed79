using System.Runtime.InteropServices;
using Clouds.Diagnostics;
using Clouds.Native.Images;

namespace Clouds.Training.Drafts;

/// <summary>What an image file is by its pixels.</summary>
internal enum LookKind
{
    /// <summary>It cannot be read.</summary>
    Unreadable,

    /// <summary>More shades than any label has.</summary>
    Photograph,

    /// <summary>One id a pixel.</summary>
    Ids,

    /// <summary>16-bit colour whose red channel may be the id, as SYNTHIA's.</summary>
    RedIds,

    /// <summary>Few colours.</summary>
    Colours,
}

/// <summary>The pixels of a file as a label's.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Ids">Its ids with their pixels.</param>
/// <param name="Colours">Its colours with their pixels.</param>
/// <param name="TwoReadings">Whether it has less than 8 bits and can be read in two ways.</param>
internal sealed record FileLook(
    LookKind Kind, IReadOnlyDictionary<ushort, int> Ids, IReadOnlyDictionary<RgbColour, int> Colours, bool TwoReadings = false)
{
    // Photographs in gray have some 200 shades, drawings of labels some tens of colours.
    private const int MostIds = 100;
    private const int MostColours = 256;

    private static readonly Dictionary<ushort, int> NoIds = [];
    private static readonly Dictionary<RgbColour, int> NoColours = [];

    /// <summary>Looks at a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="label">Whether its name says that it is a label: then it may have more ids.</param>
    public static FileLook At(string path, bool label)
    {
        if (Path.GetExtension(path).ToLowerInvariant() != ".png")
        {
            return new FileLook(LookKind.Photograph, NoIds, NoColours);
        }

        if (Read(() => LabelPng.Read(path, scale: LabelScale.None)) is LabelMap ids)
        {
            Dictionary<ushort, int> counts = ids.Ids.CountBy(id => id).ToDictionary();
            bool two = Read(() => LabelPng.Read(path)) is null;
            return new FileLook(label || counts.Count <= MostIds ? LookKind.Ids : LookKind.Photograph, counts, NoColours, two);
        }

        if (Read(() => LabelPng.Read(path, redIsId: true)) is LabelMap red)
        {
            return new FileLook(LookKind.RedIds, red.Ids.CountBy(id => id).ToDictionary(), NoColours);
        }

        return Read(() => ImageFile.Read(path)) is RgbImage image ? Coloured(image) : new FileLook(LookKind.Unreadable, NoIds, NoColours);
    }

    private static FileLook Coloured(RgbImage image)
    {
        Dictionary<RgbColour, int> colours = MemoryMarshal.Cast<byte, RgbColour>(image.Pixels).ToArray().CountBy(colour => colour).ToDictionary();
        return colours.Count <= MostColours
            ? new FileLook(LookKind.Colours, NoIds, colours)
            : new FileLook(LookKind.Photograph, NoIds, NoColours);
    }

    private static T? Read<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (CloudsException)
        {
            return null;
        }
    }
}
