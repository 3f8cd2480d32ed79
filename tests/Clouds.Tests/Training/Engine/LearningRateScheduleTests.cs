using Clouds.Training.Engine;

namespace Clouds.Tests.Training.Engine;

[Kind(TestKind.Fast)]
public sealed class LearningRateScheduleTests
{
    // Acceptance check 8 of the method.
    [Fact]
    public void Poly_AtHalfTime_IsHalfToThePower() => Assert.Equal(0.536, new LearningRateSchedule(ScheduleKind.Poly, 1000).Factor(500), 5e-4);

    [Fact]
    public void Constant_WithoutWarmup_NeverMoves() =>
        Assert.All(new long[] { 0, 1, 999 }, step => Assert.Equal(1, new LearningRateSchedule(ScheduleKind.Constant, 1000).Factor(step)));

    [Fact]
    public void Warmup_StartsAtItsFactorAndRisesToOne()
    {
        LearningRateSchedule schedule = new(ScheduleKind.Constant, 1000, WarmupSteps: 10, WarmupFactor: 0.1);
        Assert.Equal(0.1, schedule.Factor(0), 1e-12);
        Assert.Equal(0.55, schedule.Factor(5), 1e-12);
        Assert.Equal(1, schedule.Factor(10), 1e-12);
    }
}
