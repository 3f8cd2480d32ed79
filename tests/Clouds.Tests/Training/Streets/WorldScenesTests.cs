using Clouds.Native.Images;
using Clouds.Training.Streets.World;

namespace Clouds.Tests.Training.Streets;

[Kind(TestKind.Fast)]
public sealed class WorldScenesTests
{
    private const int Width = 96;
    private const int Height = 64;

    public static TheoryData<string> Styles => [.. WorldStyle.All.Select(style => style.Name)];

    [Theory]
    [MemberData(nameof(Styles))]
    public void Render_SameArgumentsOnManyThreads_GivesSameBytes(string name)
    {
        WorldScene expected = Render(name, 3);
        WorldScene[] scenes = new WorldScene[4];
        Parallel.For(0, scenes.Length, i => scenes[i] = Render(name, 3));
        Assert.All(scenes, scene =>
        {
            Assert.Equal(expected.Image.Pixels, scene.Image.Pixels);
            Assert.Equal(expected.Labels.Ids, scene.Labels.Ids);
            Assert.Equal(expected.Regions, scene.Regions);
            Assert.Equal(WorldCaptions.Of(expected, 0), WorldCaptions.Of(scene, 0));
        });
    }

    // Recorded on x64; a change of any byte must be made on purpose.
    [Theory]
    [InlineData("narrow", 0xC30F26A06E7FCF0EUL)]
    [InlineData("wide", 0xD08CB5FF9D686DF9UL)]
    public void Render_FirstScene_HasTheRecordedBytes(string name, ulong digest) => Assert.Equal($"{digest:X16}", $"{Digest(Render(name, 0)):X16}");

    [Theory]
    [MemberData(nameof(Styles))]
    public void Regions_AnyScene_PartitionTheLabels(string name)
    {
        for (int index = 0; index < 4; index++)
        {
            WorldScene scene = Render(name, index);
            int count = scene.Regions.Max() + 1;
            int[] pieces = Pieces(scene.Regions);
            Assert.Equal(Enumerable.Range(0, count), scene.Regions.Distinct().Order());
            // One class a region, and as many connected pieces as regions: none is torn.
            Assert.All(scene.Regions.Zip(scene.Labels.Ids).GroupBy(pixel => pixel.First, pixel => pixel.Second), ids => Assert.Single(ids.Distinct()));
            Assert.Equal(count, pieces.Distinct().Count());
        }
    }

    [Fact]
    public void Regions_StuffOfOneClass_BordersOnNoneOfTheSameClass()
    {
        ushort[] stuff = [0, 1, 2, 3, 4, 8, 9, 10];
        for (int index = 0; index < 6; index++)
        {
            WorldScene scene = Render("wide", index);
            Assert.All(Enumerable.Range(1, scene.Regions.Length - 1).Where(i => i % Width > 0 && stuff.Contains(scene.Labels.Ids[i])), i =>
                Assert.True(scene.Labels.Ids[i] != scene.Labels.Ids[i - 1] || scene.Regions[i] == scene.Regions[i - 1], $"scene {index}, pixel {i}"));
        }
    }

    [Fact]
    public void Regions_CarsOneBehindTheOther_AreToldApart()
    {
        bool touching = Enumerable.Range(0, 24).Select(index => Render("narrow", index)).Any(scene => Enumerable.Range(1, scene.Regions.Length - 1).Any(i =>
            i % Width > 0 && scene.Labels.Ids[i] == 13 && scene.Labels.Ids[i - 1] == 13 && scene.Regions[i] != scene.Regions[i - 1]));
        Assert.True(touching);
    }

    [Theory]
    [InlineData(64, 64)]
    [InlineData(65, 71)]
    [InlineData(384, 192)]
    public void Render_AnySize_GivesAllPartsOfThatSize(int width, int height)
    {
        WorldScene scene = WorldScenes.Render(Style("wide"), 1, 2, width, height);
        Assert.Equal((width, height, width * height), (scene.Image.Width, scene.Labels.Height, scene.Regions.Length));
        Assert.All(scene.Labels.Ids, id => Assert.True(id <= 18 || id == LabelMap.Ignore, $"id {id}"));
    }

    [Fact]
    public void Source_Scenes_ShowEveryClassOftenAndLargeEnough()
    {
        // Measured over 150 scenes of 192 x 128: 0.7 % and more.
        double[] shares = new double[19];
        foreach (ushort id in Enumerable.Range(0, 60).SelectMany(index => Render("narrow", index).Labels.Ids).Where(id => id < 19))
        {
            shares[id] += 1.0 / (60 * Width * Height);
        }

        Assert.All(shares, share => Assert.True(share > 0.004, $"{string.Join(", ", shares.Select(s => $"{s:P2}"))}"));
    }

    internal static WorldStyle Style(string name) => WorldStyle.All.Single(style => style.Name == name);

    private static WorldScene Render(string name, int index) => WorldScenes.Render(Style(name), 1, index, Width, Height);

    /// <summary>A number for each connected piece: the smallest pixel that it reaches, by sweeps until nothing changes.</summary>
    private static int[] Pieces(int[] regions)
    {
        int[] pieces = [.. Enumerable.Range(0, regions.Length)];
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (int i in Enumerable.Range(0, regions.Length).Concat(Enumerable.Range(0, regions.Length).Reverse()))
            {
                (int x, int y) = (i % Width, i / Width);
                int[] beside = [i, x > 0 ? i - 1 : i, x < Width - 1 ? i + 1 : i, y > 0 ? i - Width : i, y < Height - 1 ? i + Width : i];
                int least = beside.Where(j => regions[j] == regions[i]).Min(j => pieces[j]);
                changed |= least < pieces[i];
                pieces[i] = Math.Min(pieces[i], least);
            }
        }

        return pieces;
    }

    /// <summary>FNV-1a over pixels, ids and regions.</summary>
    private static ulong Digest(WorldScene scene) => scene.Image.Pixels.Select(value => (ulong)value)
        .Concat(scene.Labels.Ids.Select(id => (ulong)id)).Concat(scene.Regions.Select(region => (ulong)region))
        .Aggregate(14695981039346656037UL, (hash, value) => unchecked((hash ^ value) * 1099511628211));
}
