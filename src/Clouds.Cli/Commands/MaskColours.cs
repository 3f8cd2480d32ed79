using Clouds.Native.Images;
using Clouds.Training.Datasets;

namespace Clouds.Cli.Commands;

/// <summary>Masks of no class over their picture, each in a colour of its own, as <see cref="SamOverlay"/> has them.</summary>
internal static class MaskColours
{
    private const ushort NoMask = ushort.MaxValue;

    /// <summary>The picture; where masks lie over each other the later one is seen.</summary>
    public static RgbImage Over(MaskedImage image)
    {
        LabelMap map = new(image.Image.Width, image.Image.Height);
        Array.Fill(map.Ids, NoMask);
        for (int i = 0; i < image.Masks.Count; i++)
        {
            ImageMask mask = image.Masks[i];
            for (int pixel = 0; pixel < mask.Width * mask.Height; pixel++)
            {
                (int x, int y) = (mask.X + (pixel % mask.Width), mask.Y + (pixel / mask.Width));
                int place = (y * map.Width) + x;
                map.Ids[place] = mask.Contains(x, y) ? (ushort)i : map.Ids[place];
            }
        }

        RgbColour[] colours = [.. Enumerable.Range(0, image.Masks.Count).Select(RefineClasses.Colour)];
        return LabelPainter.Overlay(image.Image, map, colours, borders: true);
    }
}
