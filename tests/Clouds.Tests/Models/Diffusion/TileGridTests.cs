using Clouds.Graph.Building;
using Clouds.Models.Diffusion.Tiling;
using Clouds.Tests.Graph;

namespace Clouds.Tests.Models.Diffusion;

/// <summary>Maps that are cut into overlapping tiles and put together again.</summary>
[Kind(TestKind.Fast)]
public sealed class TileGridTests
{
    [Theory]
    [InlineData(96, 64, "0+64 48+48")]
    [InlineData(64, 64, "0+64")]
    [InlineData(65, 64, "0+64 48+17")]
    [InlineData(10, 64, "0+10")]
    [InlineData(112, 64, "0+64 48+64")]
    [InlineData(113, 64, "0+64 48+64 96+17")]
    [InlineData(9, 4, "0+4 3+4 6+3")]
    [InlineData(50, 0, "0+50")]
    public void Axis_IsCoveredByTilesThatOverlapByAFourth(int length, int tile, string spans) =>
        Assert.Equal(spans, string.Join(' ', TileAxis.Of(length, tile).Select(span => $"{span.From}+{span.Length}")));

    [Theory]
    [InlineData(13, 30, 8)]
    [InlineData(30, 13, 8)]
    [InlineData(9, 9, 4)]
    [InlineData(6, 6, 8)]
    [InlineData(6, 6, 0)]
    public void Join_OfWhatWasCut_IsTheMap(int height, int width, int tile)
    {
        float[] map = [.. Enumerable.Range(0, 2 * height * width).Select(i => (float)Math.Sin(i))];
        float[] joined = Joined(height, width, tile, map, (_, _, value) => value);
        Assert.Equal(map.Length, joined.Length);
        Assert.All(map.Zip(joined), pair => Assert.Equal(pair.First, pair.Second, 6));
    }

    // Two tiles of 8 columns, 6..7 shared: the first fades out in two steps, 1 and 1/2.
    [Fact]
    public void Join_OfTilesThatDiffer_FadesFromOneToTheNext()
    {
        float[] joined = Joined(1, 10, 8, new float[2 * 10], (g, i, value) => g.Add(value, i));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0.5f, 1, 1], joined[..10]);
    }

    // Each tile twice as large, or half as large, as what was cut.
    [Theory]
    [InlineData(2, 1)]
    [InlineData(1, 4)]
    public void Join_OfTilesOfAnotherScale_HasThatScale(int up, int down)
    {
        const int Side = 24;
        TileGrid grid = new(Side, Side, 16);
        GraphBuilder g = new("tiles");
        Value[] tiles = [.. grid.Tiles.Select((at, i) =>
            g.Input($"{i}", ElementType.Float, [1, 1, at.Rows.Length * up / down, at.Columns.Length * up / down]))];
        Assert.Equal([1, 1, Side * up / down, Side * up / down], grid.Join(g, tiles, up, down).Shape.Sizes);
    }

    private static float[] Joined(int height, int width, int tile, float[] map, Func<GraphBuilder, int, Value, Value> change)
    {
        TileGrid grid = new(height, width, tile);
        GraphBuilder g = new("tiles");
        Value whole = g.Input("map", ElementType.Float, [1, 2, height, width]);
        g.Output("joined", g.Add(grid.Join(g, [.. grid.Cut(g, whole).Select((value, i) => change(g, i, value))], 1, 1), 0f));
        return GraphRun.Once(g, ("map", TestTensor.Of(map, 1, 2, height, width)))["joined"].Floats;
    }
}
