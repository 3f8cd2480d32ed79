using Clouds.Training.Datasets;

namespace Clouds.Tests.Training.Datasets;

[Kind(TestKind.Fast)]
public sealed class SideBySideTests
{
    [Fact]
    public void Select_ItemsThatTakeDifferentTimes_GivesResultsInOrder()
    {
        int[] found = [.. SideBySide.Select(Enumerable.Range(0, 40), i =>
        {
            Thread.Sleep(i % 3);
            return 10 * i;
        })];
        Assert.Equal(Enumerable.Range(0, 40).Select(i => 10 * i), found);
    }

    [Fact]
    public void Select_ThreeAtOnce_RunsBesideEachOtherAndTakesNoMoreItems()
    {
        using Barrier together = new(3);
        int taken = 0, given = 0;
        IEnumerable<int> Items()
        {
            for (int i = 0; i < 9; i++)
            {
                Assert.InRange(++taken - given, 1, 3);
                yield return i;
            }
        }

        // Each waits until three are there.
        foreach (bool met in SideBySide.Select(Items(), _ => together.SignalAndWait(TimeSpan.FromMinutes(1)), most: 3))
        {
            Assert.True(met);
            given++;
        }

        Assert.Equal(9, given);
    }

    [Fact]
    public void Select_OneFails_GivesTheResultsBeforeItAndThenItsFailure()
    {
        List<int> found = [];
        using ManualResetEventSlim failed = new();
        int Make(int i)
        {
            if (i == 3)
            {
                failed.Set();
                throw new FormatException("3");
            }

            failed.Wait(TimeSpan.FromMinutes(1));
            return i;
        }

        Assert.Throws<FormatException>(() =>
        {
            foreach (int i in SideBySide.Select(Enumerable.Range(0, 8), Make, most: 4))
            {
                found.Add(i);
            }
        });
        Assert.Equal([0, 1, 2], found);
    }

    [Fact]
    public void Select_LeftEarly_WaitsForWhatIsUnderWay()
    {
        int running = 0;
        foreach (int _ in SideBySide.Select(Enumerable.Range(0, 8), i =>
        {
            Interlocked.Increment(ref running);
            Thread.Sleep(i == 0 ? 0 : 50);
            return Interlocked.Decrement(ref running);
        }, most: 4))
        {
            break;
        }

        Assert.Equal(0, running);
    }
}
