using Clouds.Native.Images;
using Clouds.Training.Datasets;

namespace Clouds.Training.Streets.World;

/// <summary>Cuts a labelled picture into connected regions: parts of one thing, or of all that is of one class where things are not counted.</summary>
internal static class WorldRegions
{
    private const int Things = 1 << 20;

    /// <summary>The number of each pixel's region, from 0, in the order of their first pixels.</summary>
    /// <param name="labels">Classes.</param>
    /// <param name="things">Which thing each pixel belongs to.</param>
    public static int[] Of(LabelMap labels, int[] things)
    {
        int[] keys = [.. labels.Ids.Select((id, pixel) => IsCounted((StreetClass)id) ? (id * Things) + things[pixel] : id * Things)];
        int[] regions = new int[keys.Length];
        Array.Fill(regions, -1);
        Stack<int> open = [];
        int count = 0;
        for (int pixel = 0; pixel < keys.Length; pixel++)
        {
            if (regions[pixel] < 0)
            {
                Flood(pixel, count++);
            }
        }

        return regions;

        void Flood(int start, int region)
        {
            regions[start] = region;
            open.Push(start);
            while (open.TryPop(out int pixel))
            {
                int x = pixel % labels.Width;
                Reach(pixel, pixel - 1, x > 0);
                Reach(pixel, pixel + 1, x + 1 < labels.Width);
                Reach(pixel, pixel - labels.Width, pixel >= labels.Width);
                Reach(pixel, pixel + labels.Width, pixel + labels.Width < keys.Length);
            }
        }

        void Reach(int from, int to, bool isInside)
        {
            if (isInside && regions[to] < 0 && keys[to] == keys[from])
            {
                regions[to] = regions[from];
                open.Push(to);
            }
        }
    }

    /// <summary>Masks of the regions, in their order.</summary>
    /// <param name="regions">Number of each pixel's region.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="largerThan">Regions of so few pixels are left out.</param>
    public static IReadOnlyList<ImageMask> Masks(int[] regions, int width, int largerThan) =>
    [
        .. Enumerable.Range(0, regions.Length).GroupBy(pixel => regions[pixel]).Where(region => region.Count() > largerThan)
            .Select(region => Mask([.. region], width)),
    ];

    private static ImageMask Mask(int[] pixels, int width)
    {
        (int left, int right) = (pixels.Min(pixel => pixel % width), pixels.Max(pixel => pixel % width));
        (int top, int columns) = (pixels[0] / width, right - left + 1);
        bool[] inside = new bool[((pixels[^1] / width) - top + 1) * columns];
        foreach (int pixel in pixels)
        {
            inside[(((pixel / width) - top) * columns) + (pixel % width) - left] = true;
        }

        return new ImageMask(left, top, columns, inside);
    }

    private static bool IsCounted(StreetClass name) =>
        name is StreetClass.Pole or StreetClass.TrafficLight or StreetClass.TrafficSign or StreetClass.Ignored or >= StreetClass.Person;
}
