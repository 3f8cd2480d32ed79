using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Cuda;

/// <summary>The plainest labelling: fill from each pixel that has no label yet.</summary>
internal static class FloodFill
{
    /// <summary>Table in (class, first pixel) order, and first pixels or -1.</summary>
    public static (Component[] Table, int[] Labels) Run(byte[] map, int height, int width, ComponentRule rule)
    {
        uint[] kept = rule.Bitmap();
        int[] labels = new int[map.Length];
        Array.Fill(labels, -2);
        List<Component> table = [];
        for (int i = 0; i < map.Length; i++)
        {
            if (labels[i] != -2)
            {
                continue;
            }

            if ((kept[map[i] >> 5] >> (map[i] & 31) & 1) == 0)
            {
                labels[i] = -1;
                continue;
            }

            List<int> pixels = Component(map, height, width, i, rule.Connectivity == Connectivity.Eight, labels);
            bool large = pixels.Count > rule.LargerThan;
            pixels.ForEach(pixel => labels[pixel] = large ? i : -1);
            if (large)
            {
                table.Add(new Component(map[i], pixels.Count, pixels.Min(p => p % width), pixels.Min(p => p / width), pixels.Max(p => p % width), pixels.Max(p => p / width), i));
            }
        }

        return ([.. table.OrderBy(row => row.Class).ThenBy(row => row.FirstPixel)], labels);
    }

    private static List<int> Component(byte[] map, int height, int width, int first, bool eight, int[] labels)
    {
        List<int> pixels = [first];
        labels[first] = first;
        for (int next = 0; next < pixels.Count; next++)
        {
            (int y, int x) = (pixels[next] / width, pixels[next] % width);
            for (int dy = -1; dy <= 1; dy++)
            {
                for (int dx = -1; dx <= 1; dx++)
                {
                    (int v, int u) = (y + dy, x + dx);
                    int at = (v * width) + u;
                    if ((eight || dy == 0 || dx == 0) && v >= 0 && v < height && u >= 0 && u < width && labels[at] == -2 && map[at] == map[first])
                    {
                        labels[at] = first;
                        pixels.Add(at);
                    }
                }
            }
        }

        return pixels;
    }
}
