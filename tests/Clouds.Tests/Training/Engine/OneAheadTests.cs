using System.Collections.Concurrent;
using Clouds.Training.Engine;

namespace Clouds.Tests.Training.Engine;

[Kind(TestKind.Fast)]
public sealed class OneAheadTests
{
    private readonly ConcurrentQueue<long> _made = [];

    [Fact]
    public void Take_StepAfterStep_MakesEachOnceAndNoneBeyondTheEnd()
    {
        OneAhead<long> ahead = new(Make, steps: 5);
        Assert.Equal([0, 10, 20, 30, 40], Enumerable.Range(0, 5).Select(step => ahead.Take(step)));
        Assert.Equal([0, 1, 2, 3, 4], _made);
    }

    [Fact]
    public void Take_AnotherStepThanTheNext_MakesThatOne()
    {
        OneAhead<long> ahead = new(Make, steps: 100);
        Assert.Equal(20, ahead.Take(2));
        Assert.Equal(70, ahead.Take(7));
    }

    [Fact]
    public void Take_FailureInTheBackground_ArrivesWithItsStep()
    {
        OneAhead<long> ahead = new(step => step == 1 ? throw new IOException("gone") : step, steps: 3);
        Assert.Equal(0, ahead.Take(0));
        Assert.Throws<IOException>(() => ahead.Take(1));
    }

    private long Make(long step)
    {
        _made.Enqueue(step);
        return 10 * step;
    }
}
