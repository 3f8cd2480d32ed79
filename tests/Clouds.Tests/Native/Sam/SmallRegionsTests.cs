using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Sam;

namespace Clouds.Tests.Native.Sam;

/// <summary>Holes and islands, in pictures and against a plain flood fill.</summary>
[Kind(TestKind.Fast)]
public sealed class SmallRegionsTests
{
    // '#' inside. In words: a hole of one pixel and one of two; islands that touch at a corner; a hole that reaches the border; islands alone, the first
    // largest stays; everything small outside.
    [Theory]
    [InlineData(2, "#####/#.#.#/###.#/#####", "#####/###.#/###.#/#####")]
    [InlineData(3, "#####/#.#.#/###.#/#####", "#####/#####/#####/#####")]
    [InlineData(3, "##.../##.../..#../...#.", "##.../##.../..#../...#.")]
    [InlineData(2, "##..#/##.../...../#..##", "##.../##.../...../...##")]
    [InlineData(2, "####./#####/#####/#####", "#####/#####/#####/#####")]
    [InlineData(9, "#..##/...../#..##/#....", "...##/...../...../.....")]
    [InlineData(1, "#.#.#/.#.#./#.#.#/.....", "#.#.#/.#.#./#.#.#/.....")]
    [InlineData(30, "###../###../###../###..", "#####/#####/#####/#####")]
    public void Remove_Picture_FillsHolesThenDropsIslands(int least, string given, string wanted)
    {
        FoundMask mask = Mask(given);
        using SmallRegions regions = new(least, threads: 1);
        FoundMask found = Assert.Single(regions.Remove([mask], mostOverlap: 0.7f));
        Assert.Equal(wanted, Picture(found));
        Assert.Equal(given == wanted, ReferenceEquals(mask, found));
        Assert.Equal(BoxOf(wanted), found.Box);
        Assert.Equal((mask.Score, mask.Stability, mask.Point, mask.Crop), (found.Score, found.Stability, found.Point, found.Crop));
    }

    [Fact]
    public void Remove_MasksThatBecomeTheSame_KeepsTheOneThatHasNotChanged()
    {
        FoundMask[] masks =
            [Mask("###../#.#../###../.....", 0.9f), Mask("...../...../...##/...##", 0.8f), Mask("###../###../###../.....", 0.7f)];
        using SmallRegions regions = new(2, threads: 1);
        Assert.Equal([0.8f, 0.7f], regions.Remove(masks, mostOverlap: 0.7f).Select(mask => mask.Score));
        Assert.Equal([0.8f, 0.7f, 0.9f], regions.Remove(masks, mostOverlap: 1).Select(mask => mask.Score));
    }

    [Fact]
    public void Remove_EmptyMask_StaysEmpty()
    {
        using SmallRegions regions = new(5, threads: 1);
        Assert.Equal(".....", Picture(Assert.Single(regions.Remove([Mask(".....")], 0.7f))));
    }

    [Fact]
    public void Remove_RandomMasks_GivesWhatAPlainFloodFillGives()
    {
        int changed = 0;
        for (ulong seed = 0; seed < 150; seed++)
        {
            RandomStream random = new(seed, "small regions");
            (int width, int height, int least) = (1 + random.NextInt32(40), 1 + random.NextInt32(30), 1 + random.NextInt32(12));
            double share = random.NextDouble();
            string given = string.Join('/', Enumerable.Range(0, height).Select(_ =>
                string.Concat(Enumerable.Range(0, width).Select(_ => random.NextBoolean(share) ? '#' : '.'))));
            using SmallRegions regions = new(least, threads: 2);
            string found = Picture(Assert.Single(regions.Remove([Mask(given)], 0.7f)));
            Assert.Equal(Plain(Plain(given, '.', '#', least), '#', '.', least), found);
            changed += found == given ? 0 : 1;
        }

        Assert.InRange(changed, 60, 149);
    }

    // Turns regions of one sign that are smaller; of islands that are all smaller the largest stays, the first among equals.
    private static string Plain(string picture, char of, char into, int least)
    {
        char[] pixels = picture.ToCharArray();
        int width = picture.IndexOf('/') < 0 ? picture.Length : picture.IndexOf('/');
        List<List<int>> regions = [];
        HashSet<int> seen = [];
        for (int i = 0; i < pixels.Length; i++)
        {
            if (pixels[i] == of && seen.Add(i))
            {
                List<int> region = [i];
                for (int next = 0; next < region.Count; next++)
                {
                    int[] steps = [-1, 1, -width - 2, -width - 1, -width, width, width + 1, width + 2];
                    region.AddRange(steps.Select(step => region[next] + step).Where(p => p >= 0 && p < pixels.Length && pixels[p] == of && seen.Add(p)));
                }

                regions.Add(region);
            }
        }

        List<int>? spared = of == '#' && regions.All(region => region.Count < least) ? regions.MaxBy(region => region.Count) : null;
        regions.Where(region => region.Count < least && region != spared).SelectMany(region => region).ToList().ForEach(p => pixels[p] = into);
        return new string(pixels);
    }

    private static FoundMask Mask(string picture, float score = 0.5f)
    {
        string[] rows = picture.Split('/');
        (int width, int height) = (rows[0].Length, rows.Length);
        int words = PixelMask.Words(width);
        uint[] plane = new uint[words * height];
        for (int i = 0; i < width * height; i++)
        {
            plane[(i / width * words) + (i % width / 32)] |= rows[i / width][i % width] == '#' ? 1u << (i % width % 32) : 0;
        }

        return new FoundMask
        {
            Mask = PixelMask.Of(plane, width, height),
            Score = score,
            Stability = 0.96f,
            Box = BoxOf(picture),
            Point = new(1, 2),
            Crop = new(0, 0, width, height),
        };
    }

    private static PromptBox BoxOf(string picture)
    {
        string[] rows = picture.Split('/');
        int[] columns = [.. rows.SelectMany(row => Enumerable.Range(0, row.Length).Where(x => row[x] == '#'))];
        int[] filled = [.. Enumerable.Range(0, rows.Length).Where(y => rows[y].Contains('#', StringComparison.Ordinal))];
        return columns.Length == 0 ? default : new PromptBox(columns.Min(), filled.Min(), columns.Max(), filled.Max());
    }

    private static string Picture(FoundMask found) => string.Join('/', Enumerable.Range(0, found.Mask.Height).Select(y =>
        string.Concat(Enumerable.Range(0, found.Mask.Width).Select(x => found.Mask.Contains(x, y) ? '#' : '.'))));
}
