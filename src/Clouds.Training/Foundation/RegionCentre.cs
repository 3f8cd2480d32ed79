namespace Clouds.Training.Foundation;

/// <summary>The pixel of a region that is farthest from all that is outside of it; what lies beyond the image is outside.</summary>
/// <param name="X">Column.</param>
/// <param name="Y">Row.</param>
/// <param name="Squared">Square of the distance to the nearest pixel outside: exact, 1 at a border.</param>
internal readonly record struct RegionCentre(int X, int Y, int Squared)
{
    /// <summary>Finds it: the first in raster order among equals; null: the region has no pixel.</summary>
    /// <param name="inside">Pixels in raster order.</param>
    /// <param name="width">Pixels a row.</param>
    public static RegionCentre? Of(ReadOnlySpan<bool> inside, int width)
    {
        int[] columns = ColumnDistances(inside, width);
        RegionCentre? best = null;
        for (int i = 0; i < inside.Length; i++)
        {
            int most = best?.Squared ?? 0;
            if (columns[i] * columns[i] > most && SquaredAt(columns, i, width, most) is int squared && squared > most)
            {
                best = new RegionCentre(i % width, i / width, squared);
            }
        }

        return best;
    }

    // Distance of each pixel to the nearest one outside in its own column, 0 outside.
    private static int[] ColumnDistances(ReadOnlySpan<bool> inside, int width)
    {
        int[] distances = new int[inside.Length];
        for (int i = 0; i < inside.Length; i++)
        {
            distances[i] = !inside[i] ? 0 : i < width ? 1 : distances[i - width] + 1;
        }

        for (int i = inside.Length - 1; i >= 0; i--)
        {
            distances[i] = Math.Min(distances[i], i + width < inside.Length ? distances[i + width] + 1 : 1);
        }

        return distances;
    }

    // The nearest pixel outside is in some column: farther ones are looked at until none can be nearer; a pixel that is no better than the best ends it too.
    private static int SquaredAt(int[] columns, int place, int width, int most)
    {
        (int x, int squared) = (place % width, columns[place] * columns[place]);
        for (int step = 1; step * step < squared && squared > most; step++)
        {
            int left = x >= step ? columns[place - step] : 0, right = x + step < width ? columns[place + step] : 0, nearer = Math.Min(left, right);
            squared = Math.Min(squared, (step * step) + (nearer * nearer));
        }

        return squared;
    }
}
