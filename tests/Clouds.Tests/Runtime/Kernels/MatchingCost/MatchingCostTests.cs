using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public class MatchingCostTests
{
    // Images, queries, targets, classes, h, w, H, W, points; padding slots.
    public static TheoryData<int[], int> Shapes => new()
    {
        { [2, 5, 3, 4, 12, 10, 48, 40, 700], 1 },
        { [1, 19, 21, 20, 24, 24, 96, 96, 512], 2 },
        { [1, 1, 1, 1, 1, 1, 1, 1, 1], 0 },
        { [3, 2, 45, 7, 5, 64, 20, 33, 257], 20 },
        { [1, 4, 2, 3, 6, 6, 12, 12, 100], 2 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Run_AnyShape_EqualsTheDefinition(int[] sizes, int padding)
    {
        MatchingCase problem = new(Shape(sizes), padding: padding);
        Near.All(MatchingCostOracle.Cost(problem), problem.Twin(), 1e-5);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Run_AnySplitAndWidth_GivesTheSameBits(int[] sizes, int padding)
    {
        MatchingCase problem = new(Shape(sizes), padding: padding);
        float[] whole = problem.Twin();
        Assert.Equal(whole, problem.Twin(parts: 3));
        Assert.All(SimdLevels.All, level => Assert.Equal(whole, problem.Twin(level)));
    }

    [Fact]
    public void Run_LogitsOfAHundred_StaysExact()
    {
        MatchingCase problem = new(new MatchingShape(1, 6, 4, 5, 20, 20, 80, 80, 1000));
        for (int i = 0; i < problem.MaskLogits.Values.Length; i++)
        {
            problem.MaskLogits.Values[i] = i / 37 % 2 == 0 ? 100 : -100;
        }

        float[] found = problem.Twin();
        Assert.All(found, value => Assert.True(float.IsFinite(value)));
        Near.All(MatchingCostOracle.Cost(problem), found, 1e-5);
    }

    [Fact]
    public void Run_LogitNotANumber_ShowsInItsQueryOnly()
    {
        MatchingCase problem = new(new MatchingShape(1, 3, 2, 3, 4, 4, 8, 8, 64));
        Array.Fill(problem.MaskLogits.Values, float.NaN, 16, 16);
        float[] found = problem.Twin();
        Assert.Equal([false, false, true, true, false, false], found.Select(float.IsNaN));
    }

    internal static MatchingShape Shape(int[] s) => new(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8]);
}
