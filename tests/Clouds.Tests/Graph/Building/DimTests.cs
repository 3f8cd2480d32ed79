using Clouds.Graph.Building;

namespace Clouds.Tests.Graph.Building;

[Kind(TestKind.Fast)]
public class DimTests
{
    private static readonly Dim H = "H";

    public static TheoryData<string, string> Expressions => new()
    {
        { "H", (H + 2 - 3 + 1).ToString() },
        { "(H+1)", (1 + H).ToString() },
        { "(H-3)", (H - 3).ToString() },
        { "floor(H/4)", (H / 2 / 2).ToString() },
        { "floor(H/4)", (((H - 4) / 4) + 1).ToString() },
        { "floor((H+1)/2)", (((H + 2 - 3) / 2) + 1).ToString() },
        { "floor((H+3)/4)", ((((((H + 2 - 3) / 2) + 1) + 2 - 3) / 2) + 1).ToString() },
        { "(H*2)", (2 * H).ToString() },
        { "((H*2)+6)", ((H + 3) * 2).ToString() },
        { "0", (H * 0).ToString() },
        { "(H*W)", ((Dim)"W" * H).ToString() },
        { "(H+W)", ((Dim)"W" + H).ToString() },
        { "(H-W)", (H - (Dim)"W").ToString() },
        { "2", (H + 3 - (H + 1)).ToString() },
        { "(W*floor(H/2))", (H / 2 * (Dim)"W").ToString() },
        { "7", ((Dim)15 / 2).ToString() },
        { "-1", ((Dim)(-1) / 2).ToString() },
    };

    [Theory]
    [MemberData(nameof(Expressions))]
    public void Arithmetic_OnSymbols_CancelsAndFolds(string expected, string found) => Assert.Equal(expected, found);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(101)]
    public void Arithmetic_OnSymbols_MeansTheSameAsOnNumbers(long size)
    {
        Func<Dim, Dim>[] formulas =
            [h => (h + 5) / 3, h => (((h - 1) / 2) + 1) / 4, h => ((h / 3 * 2) - 7) / 2, h => ((h * h) + h - 2) / 5, h => ((h + 9) / 2) - (h / 2)];

        foreach (Func<Dim, Dim> formula in formulas)
        {
            Assert.Equal(formula(size).Size, SymbolicExtents.Evaluate(formula(H), new() { ["H"] = size }));
        }
    }

    [Fact]
    public void Equality_ComparesWrittenForms()
    {
        Assert.Equal(H, H + 1 - 1);
        Assert.Equal((H / 2 / 2).GetHashCode(), (H / 4).GetHashCode());
        Assert.NotEqual(H, "W");
        Assert.NotEqual<Dim>(H, 3);
        Assert.True(default(Dim) == 0);
    }

    [Fact]
    public void Size_OfASymbol_SaysWhichOne()
    {
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => (H / 2).Size);

        Assert.Contains("floor(H/2)", e.Message);
    }
}
