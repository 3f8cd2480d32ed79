using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

/// <summary>Connected components by flood filling one pixel after another: slow, and plainly right.</summary>
internal static class FloodFill
{
    /// <summary>The table in the order of (class, first pixel), and each pixel's index in it or −1.</summary>
    public static (Component[] Table, int[] Labels) Run(LabelPicture map, ComponentRule rule)
    {
        int[] part = new int[map.Pixels.Length];
        Array.Fill(part, -1);
        List<Component> parts = [];
        for (int i = 0; i < part.Length; i++)
        {
            byte own = map.Pixels[i];
            if (part[i] < 0 && own != 255 && rule.Excluded?.Contains(own) != true)
            {
                parts.Add(Fill(map, rule.Connectivity, i, part, parts.Count));
            }
        }

        List<int> kept = [.. Enumerable.Range(0, parts.Count).Where(i => parts[i].Area > rule.LargerThan).OrderBy(i => parts[i].Class).ThenBy(i => parts[i].FirstPixel)];
        int[] index = new int[parts.Count];
        Array.Fill(index, -1);
        kept.ForEach(i => index[i] = kept.IndexOf(i));
        return ([.. kept.Select(i => parts[i])], Array.ConvertAll(part, p => p < 0 ? -1 : index[p]));
    }

    private static Component Fill(LabelPicture map, Connectivity connectivity, int first, int[] part, int number)
    {
        Component grown = new(map.Pixels[first], 0, int.MaxValue, int.MaxValue, -1, -1, first);
        Stack<int> open = new([first]);
        part[first] = number;
        while (open.TryPop(out int pixel))
        {
            (int y, int x) = Math.DivRem(pixel, map.Width);
            grown = grown with { Area = grown.Area + 1, X0 = Math.Min(grown.X0, x), Y0 = Math.Min(grown.Y0, y), X1 = Math.Max(grown.X1, x), Y1 = Math.Max(grown.Y1, y) };
            foreach (int next in Neighbours(map, connectivity, x, y).Where(next => part[next] < 0 && map.Pixels[next] == map.Pixels[pixel]))
            {
                part[next] = number;
                open.Push(next);
            }
        }

        return grown;
    }

    private static IEnumerable<int> Neighbours(LabelPicture map, Connectivity connectivity, int x, int y)
    {
        for (int i = 0; i < 9; i++)
        {
            (int dx, int dy) = ((i % 3) - 1, (i / 3) - 1);
            bool straight = dx == 0 || dy == 0;
            if (i != 4 && (straight || connectivity == Connectivity.Eight) && x + dx >= 0 && x + dx < map.Width && y + dy >= 0 && y + dy < map.Height)
            {
                yield return ((y + dy) * map.Width) + x + dx;
            }
        }
    }
}
