using Clouds.Runtime.Distributed;

namespace Clouds.Tests.Runtime.Distributed;

[Kind(TestKind.Fast)]
public sealed class IndexShareTests
{
    [Theory]
    [InlineData(8, 4)]
    [InlineData(7, 3)]
    [InlineData(2, 5)]
    [InlineData(0, 2)]
    [InlineData(int.MaxValue, 1000)]
    public void Of_AllRanks_AreAllIndicesOnceAndDifferByOneAtMost(int total, int ranks)
    {
        IndexShare[] shares = [.. Enumerable.Range(0, ranks).Select(rank => IndexShare.Of(total, rank, ranks))];
        Assert.Equal(0, shares[0].First);
        Assert.Equal(total, shares[^1].End);
        Assert.All(shares.Zip(shares.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.First));
        Assert.InRange(shares.Max(share => share.Count) - shares.Min(share => share.Count), 0, 1);
    }

    [Fact]
    public void Of_RankThatIsNone_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => IndexShare.Of(4, 2, 2));
}
