using Clouds.Cli.Method;
using Clouds.Training.Streets.World;

namespace Clouds.Tests.Cli.Method;

[Kind(TestKind.Fast)]
public sealed class MethodSummaryTests
{
    [Fact]
    public void Deviation_OfThreeValues_IsTheSampleStandardDeviation()
    {
        Assert.Equal("4.0 ± 2.0", new Spread([2.0, 4, 6]).ToString());
        Assert.Null(new Spread([3.0]).Deviation);
        Assert.Equal("3.0", new Spread([3.0]).ToString());
    }

    [Fact]
    public void Claims_SeedsThatDisagree_HoldWhereTheMeanDifferenceIsAboveZero()
    {
        MethodSummary summary = Summary(gains: [[0, 1, 2, -1], [0, 3, 2, 1]]);
        Assert.Equal(12, summary.Claims.Count);
        MethodClaim images = summary.Claims[0], refinement = summary.Claims[3], all = summary.Claims[6], frozen = summary.Claims[9];
        Assert.Equal([1.0, 3], images.Difference.Values);
        Assert.True(images.Holds);
        Assert.Equal([1.0, -1], refinement.Difference.Values);
        Assert.False(refinement.Holds);
        Assert.Equal((2, true), (all.Difference.Mean, all.Holds));
        Assert.Equal((0, false), (frozen.Difference.Mean, frozen.Holds));
    }

    [Fact]
    public void WeakClasses_MeanBelowTwentyFiveOnTheSource_AreNamedWithTheirArm()
    {
        MethodPlan plan = MethodPlan.Quick;
        MethodResult[] seeds = [.. new[] { 20.0, 28 }.Select(iou => MadeResult.Of(plan, (arm, test) => test.Group == WorldGroup.Source ? iou + (int)arm : 1))];
        WeakClass weak = Assert.Single(new MethodSummary(seeds).WeakClasses);
        Assert.Equal((MethodArm.Source, "road", 24.0), (weak.Arm, weak.Name, weak.Iou.Mean));
    }

    [Fact]
    public void Tables_OfFourArms_HaveThePapersRowsInItsOrder()
    {
        MethodTable table = new(Summary(gains: [[0, 1, 2, -1]]));
        Assert.Equal(["x", "", "", "30.0", "30.0", "30.0", "30.0"], table.TableFour.First());
        Assert.Equal(["x", "x", "x", "32.0", "32.0", "32.0", "32.0"], table.TableFour.Last());
        Assert.Equal(["trained from scratch", "frozen CLIP"], table.TableFive.Select(row => row[0]));
        Assert.Equal(["blizzard", "B", "30.0", "31.0", "32.0", "29.0"], table.Styles.Last());
    }

    [Fact]
    public void Tables_PlanWithoutScratch_LeaveTableFiveOut() =>
        Assert.Empty(new MethodTable(new MethodSummary([MadeResult.Of(MethodPlan.Quick, (_, _) => 30)])).TableFive);

    // One list a seed, one gain an arm.
    private static MethodSummary Summary(double[][] gains) =>
        new([.. gains.Select(seed => MadeResult.Of(MethodPlan.Reproduction, (arm, _) => 30 + seed[(int)arm]))]);
}
