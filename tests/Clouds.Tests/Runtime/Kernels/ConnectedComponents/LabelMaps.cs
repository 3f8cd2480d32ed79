using Clouds.Graph.Randomness;

namespace Clouds.Tests.Runtime.Kernels;

/// <summary>A class map and its name, for tests of labelling.</summary>
public sealed record LabelPicture(string Name, int Height, int Width, byte[] Pixels)
{
    public override string ToString() => Name;
}

/// <summary>The maps of kernels.md section 15, small enough to flood-fill.</summary>
internal static class LabelMaps
{
    public static IEnumerable<LabelPicture> All =>
    [
        .. new[] { 1, 31, 33, 63, 64, 65, 66, 127, 128, 129, 1000 }.SelectMany(width => new[] { Patches(17, width, 2), Noise(15, width, 50) }),
        .. new[] { 1, 15, 17, 300 }.Select(height => Patches(height, 130, 1)),
        .. Enumerable.Range(1, 9).Select(tenth => Noise(97, 203, 10 * tenth)),
        Street(96, 192, 0, 0), Street(96, 192, 20, 0), Street(96, 192, 0, 2), Street(200, 333, 5, 1),
        Spiral(91, 91), Spiral(64, 257), Comb(70, 141, up: true), Comb(70, 141, up: false),
        Of("checkerboard", 50, 131, (x, y) => (byte)((x + y) & 1)), Of("three colours", 50, 131, (x, y) => (byte)((x + y) % 3)),
        Of("one class", 40, 200, (_, _) => 7), Of("all ignored", 40, 200, (_, _) => 255), Of("all different", 16, 250, (x, y) => (byte)((x + (y * 97)) % 251)),
        Of("diagonals", 66, 130, (x, y) => (byte)((x + y) % 5 == 0 ? 1 : 0)), Of("antidiagonals", 66, 130, (x, y) => (byte)((x - y + 200) % 5 == 0 ? 1 : 0)),
        Of("ignored frame", 33, 100, (x, y) => (byte)(x % 10 < 2 || y % 7 == 0 ? 255 : (x / 10) % 4)),
    ];

    public static LabelPicture Of(string name, int height, int width, Func<int, int, byte> pixel)
    {
        byte[] pixels = new byte[height * width];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = pixel(i % width, i / width);
        }

        return new LabelPicture($"{name} {height}x{width}", height, width, pixels);
    }

    public static LabelPicture Noise(int height, int width, int percent)
    {
        RandomStream random = new((ulong)percent, "noise");
        return Of($"noise {percent} %", height, width, (_, _) => (byte)(random.NextDouble() * 100 < percent ? 1 : 0));
    }

    /// <summary>Cells of random classes, some ignored, with single pixels of other classes.</summary>
    public static LabelPicture Patches(int height, int width, ulong seed)
    {
        RandomStream random = new(seed, "patches");
        byte[] cells = [.. Enumerable.Range(0, 4096).Select(_ => (byte)(random.NextInt32(5) is int c && c == 4 ? 255 : c))];
        return Of("patches", height, width, (x, y) => random.NextDouble() < 0.1 ? (byte)random.NextInt32(19) : cells[((y / 3 * 64) + (x / 5)) % 4096]);
    }

    /// <summary>Bands and boxes as in a street scene; borders wobble by some pixels and some percent of the pixels are noise.</summary>
    public static LabelPicture Street(int height, int width, int wobble, int speckle)
    {
        RandomStream random = new(3, "street");
        (int X, int Y, int W, int H, byte Class)[] boxes = [.. Enumerable.Range(0, 14).Select(_ =>
            (random.NextInt32(width), random.NextInt32(height), 2 + random.NextInt32(Math.Max(1, width / 6)),
                2 + random.NextInt32(Math.Max(1, height / 4)), (byte)(2 + random.NextInt32(17))))];
        return Of($"street {wobble} {speckle}", height, width, (x, y) =>
        {
            (int u, int v) = (x + random.NextInt32(wobble + 1), y + random.NextInt32((wobble / 2) + 1));
            byte ground = y * 20 > height * 19 ? (byte)255 : v * 2 > height ? (byte)0 : (byte)10;
            byte own = boxes.Where(box => u >= box.X && u < box.X + box.W && v >= box.Y && v < box.Y + box.H)
                .Select(box => (byte?)box.Class).LastOrDefault() ?? ground;
            return random.NextDouble() * 100 < speckle ? (byte)random.NextInt32(19) : own;
        });
    }

    public static LabelPicture Spiral(int height, int width)
    {
        byte[] pixels = new byte[height * width];
        (int x, int y, int dx, int dy) = (0, 0, 1, 0);
        bool Free(int px, int py) => px >= 0 && py >= 0 && px < width && py < height && pixels[(py * width) + px] == 0;
        for (int turns = 0; turns < 2;)
        {
            pixels[(y * width) + x] = 1;
            bool blocked = !Free(x + dx, y + dy)
                || (x + (2 * dx) is int fx && y + (2 * dy) is int fy && fx >= 0 && fy >= 0 && fx < width && fy < height && pixels[(fy * width) + fx] == 1);
            (dx, dy, turns) = blocked ? (-dy, dx, turns + 1) : (dx, dy, 0);
            (x, y) = blocked ? (x, y) : (x + dx, y + dy);
        }

        return new LabelPicture($"spiral {height}x{width}", height, width, pixels);
    }

    private static LabelPicture Comb(int height, int width, bool up)
        => Of(up ? "comb up" : "comb down", height, width, (x, y) => (byte)((x & 1) == 0 || y == (up ? height - 1 : 0) ? 1 : 0));
}
