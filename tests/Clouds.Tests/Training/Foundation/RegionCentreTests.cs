using Clouds.Graph.Randomness;
using Clouds.Training.Foundation;

namespace Clouds.Tests.Training.Foundation;

[Kind(TestKind.Fast)]
public sealed class RegionCentreTests
{
    [Theory]
    [InlineData(13, 9, 0.5)]
    [InlineData(24, 17, 0.93)]
    [InlineData(1, 12, 0.7)]
    [InlineData(12, 1, 0.7)]
    [InlineData(10, 10, 1)]
    public void Of_AnyRegion_IsTheFirstOfThePixelsFarthestFromAllOutside(int width, int height, double share)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            RandomStream random = new((ulong)seed, "regions");
            bool[] inside = [.. Enumerable.Range(0, width * height).Select(_ => random.NextBoolean(share))];
            Assert.Equal(Slowly(inside, width, height), RegionCentre.Of(inside, width));
        }
    }

    [Fact]
    public void Of_NoPixel_IsNothing() => Assert.Null(RegionCentre.Of(new bool[12], 4));

    // Every pixel against every pixel outside, with a frame of them around the image.
    private static RegionCentre? Slowly(bool[] inside, int width, int height)
    {
        (int X, int Y)[] outside = [.. Enumerable.Range(-1, width + 2).SelectMany(x => Enumerable.Range(-1, height + 2).Select(y => (x, y)))
            .Where(at => at.x < 0 || at.y < 0 || at.x == width || at.y == height || !inside[(at.y * width) + at.x])];
        return Enumerable.Range(0, inside.Length).Where(i => inside[i]).Select(i => (X: i % width, Y: i / width))
            .Select(at => (RegionCentre?)new RegionCentre(at.X, at.Y, outside.Min(other =>
                ((other.X - at.X) * (other.X - at.X)) + ((other.Y - at.Y) * (other.Y - at.Y)))))
            .MaxBy(centre => centre?.Squared);
    }
}
