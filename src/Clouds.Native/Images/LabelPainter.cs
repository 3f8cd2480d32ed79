namespace Clouds.Native.Images;

/// <summary>Turns label maps into pictures.</summary>
public static class LabelPainter
{
    /// <summary>The colour of each pixel's class; ids without a colour, the ignored ones among them, are black.</summary>
    /// <param name="map">The ids.</param>
    /// <param name="colours">Colour of id i at position i.</param>
    public static RgbImage Colours(LabelMap map, IReadOnlyList<RgbColour> colours)
    {
        RgbImage result = new(map.Width, map.Height);
        for (int i = 0; i < map.Ids.Length; i++)
        {
            int id = map.Ids[i];
            if (id < colours.Count)
            {
                Set(result.Pixels, i, colours[id]);
            }
        }

        return result;
    }

    /// <summary>Class colours mixed over a picture; pixels whose id has no colour stay as they are.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="map">Ids of the same size.</param>
    /// <param name="colours">Colour of id i at position i.</param>
    /// <param name="opacity">Share of the class colour, 0..1.</param>
    /// <param name="borders">Whether the outline between classes is drawn, one pixel wide, in the full class colour.</param>
    /// <returns>A new picture.</returns>
    public static RgbImage Overlay(RgbImage image, LabelMap map, IReadOnlyList<RgbColour> colours, double opacity = 0.5, bool borders = false)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(map.Width, image.Width);
        ArgumentOutOfRangeException.ThrowIfNotEqual(map.Height, image.Height);
        int share = (int)Math.Round(256 * Math.Clamp(opacity, 0, 1));
        RgbImage result = new(image.Width, image.Height, [.. image.Pixels]);
        for (int y = 0, i = 0; y < map.Height; y++)
        {
            for (int x = 0; x < map.Width; x++, i++)
            {
                int id = map.Ids[i];
                if (id < colours.Count)
                {
                    Mix(result.Pixels, i, colours[id], borders && OnBorder(map, x, y) ? 256 : share);
                }
            }
        }

        return result;
    }

    private static bool OnBorder(LabelMap map, int x, int y)
    {
        int i = (y * map.Width) + x;
        bool right = x + 1 < map.Width && map.Ids[i + 1] != map.Ids[i];
        bool below = y + 1 < map.Height && map.Ids[i + map.Width] != map.Ids[i];
        return right || below;
    }

    private static void Set(byte[] pixels, int i, RgbColour colour)
    {
        pixels[3 * i] = colour.R;
        pixels[(3 * i) + 1] = colour.G;
        pixels[(3 * i) + 2] = colour.B;
    }

    // share of 256
    private static void Mix(byte[] pixels, int i, RgbColour colour, int share)
    {
        Set(pixels, i, new RgbColour(Mixed(pixels[3 * i], colour.R), Mixed(pixels[(3 * i) + 1], colour.G), Mixed(pixels[(3 * i) + 2], colour.B)));

        byte Mixed(byte below, byte above) => (byte)(((below * (256 - share)) + (above * share) + 128) >> 8);
    }
}
