using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

/// <summary>Connected components by flood filling one pixel after another: slow, and plainly right.</summary>
internal static class FloodFill
{
    /// <summary>The table in the order of (class, first pixel), and each pixel's index in it or −1.</summary>
    public static (Component[] Table, int[] Labels) Run(LabelPicture map, ComponentRule rule) => Run(map.Pixels, map.Height, map.Width, rule);

    /// <summary>The table in the order of (class, first pixel), and each pixel's index in it or −1.</summary>
    public static (Component[] Table, int[] Labels) Run(byte[] map, int height, int width, ComponentRule rule)
    {
        int[] part = new int[map.Length];
        Array.Fill(part, -1);
        List<Component> parts = [];
        Stack<int> open = new();
        for (int i = 0; i < part.Length; i++)
        {
            if (part[i] < 0 && map[i] != ComponentRule.Ignore && rule.Excluded?.Contains(map[i]) != true)
            {
                parts.Add(Fill(map, (height, width), rule.Connectivity == Connectivity.Eight, i, part, parts.Count, open));
            }
        }

        int[] kept =
            [.. Enumerable.Range(0, parts.Count).Where(i => parts[i].Area > rule.LargerThan).OrderBy(i => parts[i].Class).ThenBy(i => parts[i].FirstPixel)];
        int[] index = new int[parts.Count];
        Array.Fill(index, -1);
        for (int i = 0; i < kept.Length; i++)
        {
            index[kept[i]] = i;
        }

        return (Array.ConvertAll(kept, i => parts[i]), Array.ConvertAll(part, p => p < 0 ? -1 : index[p]));
    }

    private static Component Fill(byte[] map, (int Height, int Width) size, bool eight, int first, int[] part, int number, Stack<int> open)
    {
        Component grown = new(map[first], 0, int.MaxValue, int.MaxValue, -1, -1, first);
        part[first] = number;
        open.Push(first);
        while (open.TryPop(out int pixel))
        {
            (int y, int x) = Math.DivRem(pixel, size.Width);
            grown = grown with
            {
                Area = grown.Area + 1,
                X0 = Math.Min(grown.X0, x),
                Y0 = Math.Min(grown.Y0, y),
                X1 = Math.Max(grown.X1, x),
                Y1 = Math.Max(grown.Y1, y),
            };
            for (int v = Math.Max(0, y - 1); v <= Math.Min(size.Height - 1, y + 1); v++)
            {
                for (int u = Math.Max(0, x - 1); u <= Math.Min(size.Width - 1, x + 1); u++)
                {
                    int next = (v * size.Width) + u;
                    if ((eight || u == x || v == y) && part[next] < 0 && map[next] == map[first])
                    {
                        part[next] = number;
                        open.Push(next);
                    }
                }
            }
        }

        return grown;
    }
}
