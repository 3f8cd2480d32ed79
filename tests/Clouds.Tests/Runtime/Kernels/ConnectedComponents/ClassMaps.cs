using Clouds.Graph.Randomness;

namespace Clouds.Tests.Runtime.Kernels;

/// <summary>Maps of classes that are hard for labelling.</summary>
internal static class ClassMaps
{
    /// <summary>A map by name.</summary>
    public static byte[] Make(string kind, int height, int width) => kind switch
    {
        "frame" => Fill(height, width, (y, x) => y == 0 || x == 0 || (y < 5 && x >= width - 5) ? 4 : 255),
        "one class" => Fill(height, width, (_, _) => 7),
        "all ignored" => Fill(height, width, (_, _) => 255),
        "all different" => Fill(height, width, (y, x) => (x + (97 * y)) % 251),
        "checkerboard" => Fill(height, width, (y, x) => (y + x) & 1),
        "comb" => Fill(height, width, (y, x) => y == height - 1 || x % 2 == 0 ? 1 : 0),
        "upper comb" => Fill(height, width, (y, x) => y == 0 || x % 4 == 1 ? 3 : x % 4 == 3 ? 4 : 255),
        "snake" => Fill(height, width, (y, x) => y % 2 == 0 || x == (y % 4 == 1 ? width - 1 : 0) ? 2 : 5),
        "spiral" => LabelMaps.Spiral(height, width).Pixels,
        "street" => Street(height, width, 0),
        "rough" => LabelMaps.Street(height, width, 5, 0).Pixels,
        "speckle" => Street(height, width, 0.02),
        "diagonals" => Fill(height, width, (y, x) => (x + y) % 7 == 0 ? 1 : (x - y + 7000) % 5 == 0 ? 2 : 255),
        _ => Noise(height, width, int.Parse(kind)),
    };

    private static byte[] Noise(int height, int width, int percent)
    {
        RandomStream random = new(5, "noise map", percent);
        return Fill(height, width, (_, _) => random.NextInt32(100) < percent ? 1 : 0);
    }

    // Sky, road and boxes in classes 0..18, borders roughened.
    private static byte[] Street(int height, int width, double speckle)
    {
        RandomStream random = new(3, "street map");
        byte[] map = Fill(height, width, (y, x) => y < height / 3 ? 10 : y > 2 * height / 3 ? 0 : 2 + (int)(x * 9L / width));
        for (int box = 0; box < 30; box++)
        {
            (int x0, int y0, int w, int h) =
                (random.NextInt32(width), random.NextInt32(height), 1 + random.NextInt32(1 + (width / 6)), 1 + random.NextInt32(1 + (height / 4)));
            int label = random.NextInt32(20) is int drawn && drawn == 19 ? 255 : drawn;
            for (int y = y0; y < Math.Min(height, y0 + h); y++)
            {
                for (int x = x0; x < Math.Min(width, x0 + w - random.NextInt32(3)); x++)
                {
                    map[(y * width) + x] = (byte)label;
                }
            }
        }

        for (int i = 0; i < map.Length; i++)
        {
            map[i] = random.NextBoolean(speckle) ? (byte)random.NextInt32(19) : map[i];
        }

        return map;
    }

    private static byte[] Fill(int height, int width, Func<int, int, int> rule)
    {
        byte[] map = new byte[height * width];
        for (int i = 0; i < map.Length; i++)
        {
            map[i] = (byte)rule(i / width, i % width);
        }

        return map;
    }
}
