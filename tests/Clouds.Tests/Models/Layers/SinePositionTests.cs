using Clouds.Models.Layers;

namespace Clouds.Tests.Models.Layers;

[Kind(TestKind.Fast)]
public sealed class SinePositionTests
{
    // Acceptance check 2 of the method.
    [Theory]
    [InlineData(24, 24, 256)]
    [InlineData(5, 7, 64)]
    [InlineData(1, 1, 32)]
    public void Rows_OfAnyMap_LieBetweenMinusOneAndOne(long height, long width, long features)
    {
        float[] rows = SinePosition.Rows(height, width, features);
        Assert.Equal(height * width * features, rows.Length);
        Assert.All(rows, value => Assert.InRange(value, -1, 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(96)]
    public void Angle_AtTheLastColumn_IsAFullTurn(long size) => Assert.Equal(2 * Math.PI, SinePosition.Angle(size - 1, size), 1e-5 * 2 * Math.PI);

    [Fact]
    public void Rows_InOneColumn_ShareTheXFeaturesAndDifferInY()
    {
        float[] rows = SinePosition.Rows(4, 4, 8);
        Assert.Equal(rows[4..8], rows[36..40]);
        Assert.NotEqual(rows[..4], rows[32..36]);
    }
}
