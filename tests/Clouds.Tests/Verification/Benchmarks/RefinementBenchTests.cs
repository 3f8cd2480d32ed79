using Clouds.Verification.Benchmarks;

namespace Clouds.Tests.Verification.Benchmarks;

[Kind(TestKind.Fast)]
public sealed class RefinementBenchTests
{
    [Fact]
    public void Run_BothWays_AgreeAndAreTimedOnEachNumberOfThreads()
    {
        RefinementReport report = RefinementBench.Run(size: 96, masks: 4, threads: [1, 2], runs: 1, TestContext.Current.CancellationToken);
        Assert.Equal(4, report.Masks);
        Assert.Equal([("clouds", 1), ("reference way", 1), ("clouds", 2), ("reference way", 2)], report.Rows.Select(row => (row.Way, row.Threads)));
        Assert.All(report.Rows, row => Assert.True(row.MsMin > 0 && row.MsMin <= row.MsMedian));
    }
}
