using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public class ConnectedComponentsTests
{
    public static TheoryData<int> Pictures => [.. Enumerable.Range(0, LabelMaps.All.Count())];

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Run_EveryFixture_EqualsFloodFillOnEveryPath(int picture)
    {
        LabelPicture map = LabelMaps.All.ElementAt(picture);
        foreach (SimdLevel level in SimdLevels.All)
        {
            using ConnectedComponents components = new(level);
            foreach (ComponentRule rule in Rules())
            {
                Check(components, map, rule, level);
            }
        }
    }

    [Theory]
    [InlineData("street")]
    [InlineData("rough")]
    [InlineData("speckle")]
    [InlineData("spiral")]
    [InlineData("comb")]
    [InlineData("snake")]
    [InlineData("checkerboard")]
    [InlineData("one class")]
    [InlineData("all ignored")]
    [InlineData("10")]
    [InlineData("50")]
    [InlineData("90")]
    public void Run_TwoMegapixels_EqualsAFloodFill(string kind)
    {
        LabelPicture map = new(kind, 1024, 2048, ClassMaps.Make(kind, 1024, 2048));
        using ConnectedComponents components = new();
        foreach (Connectivity connectivity in new[] { Connectivity.Four, Connectivity.Eight })
        {
            (Component[] table, int[] labels) = FloodFill.Run(map, new ComponentRule(connectivity));
            foreach (int threads in new[] { 1, 2 })
            {
                int[] found = new int[map.Pixels.Length];
                Assert.True(table.AsSpan().SequenceEqual(components.Run(map.Pixels, 1024, 2048, new ComponentRule(connectivity), found, threads)),
                    $"{kind} {connectivity} {threads}");
                Assert.True(labels.AsSpan().SequenceEqual(found), $"{kind} {connectivity} {threads}");
            }
        }
    }

    [Theory]
    [InlineData(5000, 0)]
    [InlineData(5001, 1)]
    public void Run_AreaAtTheThreshold_KeepsOnlyWhatIsLarger(int area, int expected)
    {
        LabelPicture map = LabelMaps.Of("block", 100, 100, (x, y) => (byte)((y * 100) + x < area ? 3 : 255));
        using ConnectedComponents components = new();
        Assert.Equal(expected, components.Run(map.Pixels, 100, 100, new ComponentRule(LargerThan: 5000)).Length);
    }

    [Fact]
    public void Run_BlobsThatMeetAtCorners_AreOneOnlyWithEightNeighbours()
    {
        LabelPicture map = LabelMaps.Of("stairs", 30, 300, (x, y) => (byte)((x / 10) == y ? 4 : 255));
        using ConnectedComponents components = new();
        Assert.Equal(30, components.Run(map.Pixels, 30, 300, new ComponentRule()).Length);
        Component whole = Assert.Single(components.Run(map.Pixels, 30, 300, new ComponentRule(Connectivity.Eight)).ToArray());
        Assert.Equal(new Component(4, 300, 0, 0, 299, 29, 0), whole);
    }

    [Fact]
    public void Run_MapsOfOneSize_AllocatesNothing()
    {
        LabelPicture[] maps = [LabelMaps.Noise(128, 256, 40), LabelMaps.Street(128, 256, 3, 2)];
        ComponentRule rule = new(Excluded: [0, 9]);
        int[] labels = new int[128 * 256];
        using ConnectedComponents components = new();
        foreach (LabelPicture map in maps)
        {
            components.Run(map.Pixels, 128, 256, rule, labels, threads: 1);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (LabelPicture map in maps)
        {
            components.Run(map.Pixels, 128, 256, rule, threads: 1);
            components.Run(map.Pixels, 128, 256, rule, labels, threads: 1);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Run_AnotherSizeOrNoPixels_StartsAfresh()
    {
        using ConnectedComponents components = new();
        foreach (LabelPicture map in new[] { LabelMaps.Patches(17, 1000, 2), LabelMaps.Noise(3, 2, 50), LabelMaps.Patches(300, 130, 1) })
        {
            Check(components, map, new ComponentRule(), SimdLevels.Best);
            Assert.True(components.Run([], 0, 5, new ComponentRule(), []).IsEmpty);
        }
    }

    [Fact]
    public void Run_ManyExcludedClasses_KeepsTheOthers()
    {
        LabelPicture map = LabelMaps.Patches(40, 200, 5);
        using ConnectedComponents components = new();
        foreach (int kept in new[] { 0, 1, 3, 200 })
        {
            Check(components, map, new ComponentRule(Excluded: [.. Enumerable.Range(kept, 255 - kept).Select(c => (byte)c)]), SimdLevels.Best);
        }
    }

    [Fact]
    public void Run_SizesThatDoNotFit_AreRefused()
    {
        using ConnectedComponents components = new();
        Assert.Throws<ArgumentException>(() => components.Run(new byte[10], 3, 4, new ComponentRule()).Length);
        Assert.Throws<ArgumentException>(() => components.Run(new byte[12], 3, 4, new ComponentRule(), new int[11]).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => components.Run(new byte[12], 3, 4, new ComponentRule(LargerThan: -1)).Length);
    }

    [Fact]
    public void ComponentAt_WithoutKeptPixels_IsRefused()
    {
        using ConnectedComponents components = new();
        components.Run(new byte[100], 10, 10, new ComponentRule());
        Assert.Throws<InvalidOperationException>(() => components.ComponentAt(1, 1));
    }

    private static IEnumerable<ComponentRule> Rules() =>
    [
        new(), new(Connectivity.Eight), new(LargerThan: 6), new(Connectivity.Eight, 20, [0]), new(Connectivity.Four, 1, [0, 3, 10]),
    ];

    private static void Check(ConnectedComponents components, LabelPicture map, ComponentRule rule, SimdLevel level)
    {
        (Component[] table, int[] labels) = FloodFill.Run(map, rule);
        foreach (int threads in new[] { 1, 2, 5 })
        {
            int[] found = new int[map.Pixels.Length + 3];
            Array.Fill(found, -7);
            string which = $"{map}, {rule}, {level}, {threads} threads";
            Assert.True(
                table.AsSpan().SequenceEqual(components.Run(map.Pixels, map.Height, map.Width, rule, found.AsSpan(0, map.Pixels.Length), threads)), which);
            Assert.True(found.AsSpan(0, labels.Length).SequenceEqual(labels), which);
            Assert.Equal([-7, -7, -7], found[labels.Length..]);
            Assert.All(Enumerable.Range(0, Math.Min(200, labels.Length)), i => Assert.Equal(labels[i], components.ComponentAt(i % map.Width, i / map.Width)));
            Assert.True(table.AsSpan().SequenceEqual(components.Run(map.Pixels, map.Height, map.Width, rule, threads)), which);
        }
    }
}
