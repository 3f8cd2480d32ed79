using Clouds.Graph.Randomness;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public class ComponentPointsTests
{
    [Fact]
    public void Run_AThousandSeeds_EqualsThePlainRule()
    {
        LabelPicture map = LabelMaps.Patches(40, 90, 3);
        ComponentRule rule = new(LargerThan: 3);
        (Component[] table, int[] labels) = FloodFill.Run(map, rule);
        using ConnectedComponents components = new();
        components.RunKeepingPixels(map.Pixels, map.Height, map.Width, rule);
        float[] points = new float[table.Length * 10];
        int[] counts = new int[table.Length];
        for (ulong seed = 0; seed < 1000; seed++)
        {
            ComponentPoints.Run(components, 5, seed * 0x100000001, (uint)seed % 3, points, counts);
            int i = (int)(seed % (ulong)table.Length);
            Assert.Equal(table[i].Area < 5 ? 0 : 5, counts[i]);
            Assert.Equal(table[i].Area < 5 ? new float[10] : Plain(table[i], i, labels, map.Width, 5, seed * 0x100000001, (uint)seed % 3),
                points[(i * 10)..((i * 10) + 10)]);
        }
    }

    [Fact]
    public void Run_ManySeeds_DrawsEveryPixelEquallyOften()
    {
        // A ring with a tail: 1,000 seeds of 5 points over 60 pixels; 59 degrees of freedom, and 120 is passed by chance once in 100,000 times.
        LabelPicture map =
            LabelMaps.Of("ring", 12, 20, (x, y) => (byte)((x < 10 && y < 10 && (x is 0 or 9 || y is 0 or 9)) || (y is 10 or 11 && x < 12) ? 2 : 255));
        using ConnectedComponents components = new();
        Component ring = Assert.Single(components.RunKeepingPixels(map.Pixels, 12, 20, new ComponentRule()).ToArray());
        Assert.Equal(60, ring.Area);
        Assert.InRange(ChiSquare(Histogram(components, 20, 1000)), 0, 120);
    }

    [Fact]
    public void Run_RanksAfterTooManyMisses_DrawsEveryPixelEquallyOften()
    {
        // A diagonal fills 1/1500 of its box, and all 1,500 pixels are asked for: the candidates cannot be enough.
        LabelPicture map = LabelMaps.Of("diagonal", 1500, 1500, (x, y) => (byte)(x == y ? 2 : 255));
        using ConnectedComponents components = new();
        components.RunKeepingPixels(map.Pixels, 1500, 1500, new ComponentRule(Connectivity.Eight));
        float[] points = new float[3000];
        int[] counts = new int[1];
        ComponentPoints.Run(components, 1500, 7, 0, points, counts);
        Assert.Equal([1500], counts);
        Assert.Equal(Enumerable.Range(0, 1500), Enumerable.Range(0, 1500).Select(i => (int)points[2 * i]).Order());
        Assert.All(Enumerable.Range(0, 1500), i => Assert.Equal(points[2 * i], points[(2 * i) + 1]));
        Assert.NotEqual(Enumerable.Range(0, 1500), Enumerable.Range(0, 1500).Select(i => (int)points[2 * i]));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(400)]
    public void Run_AThinFill_FindsDistinctPixelsOfTheComponent(int count)
    {
        LabelPicture map = LabelMaps.Of("thin", 1000, 1000, (x, y) => (byte)(x == y ? 2 : 255));
        using ConnectedComponents components = new();
        components.RunKeepingPixels(map.Pixels, 1000, 1000, new ComponentRule(Connectivity.Eight));
        float[] points = new float[2 * count];
        int[] counts = new int[1];
        ComponentPoints.Run(components, count, 3, 1, points, counts);
        Assert.Equal([count], counts);
        Assert.Equal(count, Enumerable.Range(0, count).Select(i => points[2 * i]).Distinct().Count());
        Assert.All(Enumerable.Range(0, count), i => Assert.Equal(points[2 * i], points[(2 * i) + 1]));
    }

    [Fact]
    public void Run_AsManyPixelsAsPoints_TakesThemAll_AndFewerTakesNone()
    {
        LabelPicture map = LabelMaps.Of("bars", 3, 9, (x, y) => (byte)(y == 0 && x < 5 ? 1 : y == 2 && x < 4 ? 2 : 255));
        using ConnectedComponents components = new();
        components.RunKeepingPixels(map.Pixels, 3, 9, new ComponentRule());
        float[] points = new float[20];
        int[] counts = new int[2];
        ComponentPoints.Run(components, 5, 11, 0, points, counts);
        Assert.Equal([5, 0], counts);
        Assert.Equal([0, 1, 2, 3, 4], Enumerable.Range(0, 5).Select(i => (int)points[2 * i]).Order());
        Assert.All(points[10..], coordinate => Assert.Equal(0, coordinate));
    }

    [Fact]
    public void Run_WithErosion_KeepsTheWindowInside()
    {
        LabelPicture map = LabelMaps.Of("block", 30, 40, (x, y) => (byte)(x is >= 5 and < 15 && y is >= 6 and < 11 ? 1 : y == 20 ? 2 : 255));
        using ConnectedComponents components = new();
        components.RunKeepingPixels(map.Pixels, 30, 40, new ComponentRule());
        float[] points = new float[2 * 16];
        int[] counts = new int[2];
        ComponentPoints.Run(components, 8, 5, 0, points, counts, erosion: 5);

        // Six pixels are left of the block, fewer than eight; none of the line.
        Assert.Equal([0, 0], counts);
        ComponentPoints.Run(components, 6, 5, 0, points.AsSpan(0, 24), counts, erosion: 5);
        Assert.Equal([6, 0], counts);
        Assert.Equal([7, 8, 9, 10, 11, 12], Enumerable.Range(0, 6).Select(i => (int)points[2 * i]).Order());
        Assert.All(Enumerable.Range(0, 6), i => Assert.Equal(8, points[(2 * i) + 1]));
    }

    [Fact]
    public void Run_SizesThatDoNotFit_AreRefused()
    {
        using ConnectedComponents components = new();
        components.RunKeepingPixels(new byte[20], 4, 5, new ComponentRule());
        Assert.Throws<ArgumentException>(() => ComponentPoints.Run(components, 5, 1, 0, new float[9], new int[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ComponentPoints.Run(components, 5, 1, 0, new float[10], new int[1], erosion: 4));
    }

    private static float[] Plain(Component component, int index, int[] labels, int width, int count, ulong seed, uint image)
    {
        List<(int X, int Y)> taken = [];
        for (uint i = 0; taken.Count < count; i++)
        {
            uint[] block = [i, (uint)component.FirstPixel, image, 0];
            RandomStream.Philox(block, (uint)seed, (uint)(seed >> 32));
            int x = component.X0 + (int)(((ulong)block[0] * (uint)(component.X1 - component.X0 + 1)) >> 32);
            int y = component.Y0 + (int)(((ulong)block[1] * (uint)(component.Y1 - component.Y0 + 1)) >> 32);
            if (labels[(y * width) + x] == index && !taken.Contains((x, y)))
            {
                taken.Add((x, y));
            }
        }

        return [.. taken.SelectMany(point => new float[] { point.X, point.Y })];
    }

    private static int[] Histogram(ConnectedComponents components, int width, int seeds)
    {
        Dictionary<int, int> hits = [];
        float[] points = new float[10];
        for (int seed = 0; seed < seeds; seed++)
        {
            ComponentPoints.Run(components, 5, (ulong)seed, 0, points, new int[1]);
            for (int i = 0; i < 5; i++)
            {
                int pixel = ((int)points[(2 * i) + 1] * width) + (int)points[2 * i];
                hits[pixel] = hits.GetValueOrDefault(pixel) + 1;
            }
        }

        return [.. hits.Values];
    }

    private static double ChiSquare(int[] hits)
    {
        Assert.Equal(60, hits.Length);
        double expected = hits.Sum() / 60.0;
        return hits.Sum(count => (count - expected) * (count - expected) / expected);
    }
}
