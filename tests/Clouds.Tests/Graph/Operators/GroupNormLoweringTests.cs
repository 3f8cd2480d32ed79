using Clouds.Graph.Building;

namespace Clouds.Tests.Graph.Operators;

[Kind(TestKind.Fast)]
public sealed class GroupNormLoweringTests
{
    // A difference of squares in single precision is below 0 here, and its root no number.
    [Theory]
    [InlineData(7.3f)]
    [InlineData(-1234.5f)]
    public void Lower_GroupsOfOneNumber_AreTheShift(float number)
    {
        GraphBuilder g = new("constant");
        Value x = g.Input("x", ElementType.Float, [2, 4, 96, 128]);
        g.Output("y", g.GroupNorm(x, g.Constant([1, 2, 3, 4], 4), g.Constant([5, 6, 7, 8], 4), 2));
        float[] image = new float[2 * 4 * 96 * 128];
        Array.Fill(image, number);
        float[] y = GraphRun.Once(g, ("x", TestTensor.Of(image, 2, 4, 96, 128)))["y"].Floats;
        Assert.All(Enumerable.Range(0, 8), plane => Assert.Equal(5 + (plane % 4), y[(plane * 96 * 128) + 77], 0.5f));
        Assert.DoesNotContain(y, value => !float.IsFinite(value));
    }
}
