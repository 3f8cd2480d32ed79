using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public unsafe class UncertainPointsTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 7, 0)]
    [InlineData(3, 100, 75)]
    [InlineData(2, 5000, 1250)]
    [InlineData(1, 64, 64)]
    public void Run_DistinctLogits_KeepsTheSmallestInOrder(int rows, int count, int keep)
    {
        Check(Pinned.Normal(rows * count, 21, 5), rows, count, keep);
    }

    [Theory]
    [InlineData(1000, 333)]
    [InlineData(997, 996)]
    public void Run_Ties_KeepsTheLowestIndex(int count, int keep)
    {
        Pinned<float> logits = new([.. Pinned.Uniform(count, 22, -3, 3).Values.Select(value => MathF.Round(value))]);
        Check(logits, 1, count, keep);
    }

    [Fact]
    public void Run_NotANumber_RanksLast()
    {
        Check(new Pinned<float>([float.NaN, 3, float.NegativeInfinity, -1, 0, -0f]), 1, 6, 4);
    }

    private static void Check(Pinned<float> logits, int rows, int count, int keep)
    {
        Pinned<float> candidates = Pinned.Uniform(rows * count * 2, 23);
        Pinned<float> found = Pinned.Dirty(rows * keep * 2);
        UncertainPoints.Run(logits.Span, candidates.Span, found.Span, rows, count, keep, 0, rows);
        List<float> expected = [];
        for (int row = 0; row < rows; row++)
        {
            IEnumerable<int> kept = Enumerable.Range(row * count, count)
                .OrderBy(i => float.IsNaN(logits.Values[i]) ? double.PositiveInfinity : Math.Abs(logits.Values[i]))
                .ThenBy(i => float.IsNaN(logits.Values[i]))
                .Take(keep).Order();
            expected.AddRange(kept.SelectMany(i => new[] { candidates.Values[2 * i], candidates.Values[(2 * i) + 1] }));
        }

        Assert.Equal(expected, found.Values);
    }
}
