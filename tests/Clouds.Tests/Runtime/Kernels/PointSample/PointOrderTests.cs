using Clouds.Graph.Randomness;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public class PointOrderTests
{
    [Theory]
    [InlineData(1, 1, 50)]
    [InlineData(7, 5, 300)]
    [InlineData(24, 36, 1)]
    public void Sort_RandomPoints_LieCellByCellAndKeepTheirOrderWithinOne(int height, int width, int count)
    {
        float[] points = new float[2 * count];
        new RandomStream(3, "points").Fill(points);
        (float X, float Y)[] expected = [.. Pairs(points).OrderBy(point => (Cell(point.Y, height) * (width + 1)) + Cell(point.X, width))];
        new PointOrder(height, width).Sort(points);
        Assert.Equal(expected, Pairs(points));
    }

    [Fact]
    public void Sort_PointsOutside_CountToTheNearestCell()
    {
        float[] points = [2, 2, 0.5f, 0.5f, -1, -1];
        new PointOrder(4, 4).Sort(points);
        Assert.Equal([-1, -1, 0.5f, 0.5f, 2, 2], points);
    }

    [Fact]
    public void Sort_FewerPointsAfterMore_TouchesOnlyThem()
    {
        PointOrder order = new(3, 3);
        order.Sort([0.9f, 0.9f, 0.5f, 0.5f, 0.1f, 0.1f]);
        float[] points = [0.9f, 0.1f, 0.1f, 0.1f];
        order.Sort(points);
        Assert.Equal([0.1f, 0.1f, 0.9f, 0.1f], points);
    }

    // Of the pixel up and left of the sample, from -1 on.
    private static int Cell(float location, int size) => (int)Math.Floor((location * size) - 0.5) + 1;

    private static (float X, float Y)[] Pairs(float[] points) => [.. points.Chunk(2).Select(pair => (pair[0], pair[1]))];
}
