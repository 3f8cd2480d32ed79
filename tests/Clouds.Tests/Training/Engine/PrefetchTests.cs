using System.Collections.Concurrent;
using Clouds.Tests.Runtime.Sessions;
using Clouds.Training.Engine;

namespace Clouds.Tests.Training.Engine;

[Kind(TestKind.Fast)]
public sealed class PrefetchTests
{
    private const int Workers = 4;
    private const int Ahead = 6;

    private readonly ConcurrentQueue<long> _made = [];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void Take_OneAfterTheOther_MakesEachOnceAndNoneBeyondTheEnd(int workers)
    {
        using BusyProcessor busy = new();
        for (int round = 0; round < 20; round++)
        {
            _made.Clear();
            using Prefetch<long> items = new(Uneven, 40, workers, Ahead);
            Assert.Equal(Enumerable.Range(0, 40).Select(index => 10L * index), Enumerable.Range(0, 40).Select(index => items.Take(index)));
            Assert.Equal(Enumerable.Range(0, 40).Select(index => (long)index), _made.Order());
        }
    }

    [Fact]
    public void Take_AnotherThanTheNext_StartsAgainThere()
    {
        using Prefetch<long> items = new(Make, 100, Workers, Ahead);
        Assert.Equal(20, items.Take(2));
        Assert.Equal(70, items.Take(7));
        Assert.Equal(80, items.Take(8));
        Assert.Equal(0, items.Take(0));
    }

    [Fact]
    public void Take_BeyondTheEnd_IsRefused()
    {
        using Prefetch<long> items = new(Make, 3, Workers, Ahead);
        Assert.Throws<ArgumentOutOfRangeException>(() => items.Take(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => items.Take(-1));
        Assert.Empty(_made);
    }

    [Fact]
    public void Take_FailureOfAnItem_ArrivesAtItsTurnAndTheOthersAreThere()
    {
        int tries = 0;
        using Prefetch<long> items = new(index => index == 2 && ++tries == 1 ? throw new IOException("gone") : index, 5, Workers, Ahead);
        Assert.Equal((0, 1), (items.Take(0), items.Take(1)));
        Assert.Equal("gone", Assert.Throws<IOException>(() => items.Take(2)).Message);
        Assert.Equal((3, 4), (items.Take(3), items.Take(4)));
        Assert.Equal(2, items.Take(2));
    }

    [Fact]
    public void Take_SlowConsumer_HoldsNoMoreThanItMayAhead()
    {
        int held = 0, most = 0;
        using Prefetch<long> items = new(Hold, 200, Workers, Ahead);
        for (int index = 0; index < 200; index++)
        {
            items.Take(index);
            Thread.Yield();
            Interlocked.Decrement(ref held);
        }

        // The one that is taken, and those ahead of it.
        Assert.InRange(most, 2, Ahead + 1);

        long Hold(long index)
        {
            int now = Interlocked.Increment(ref held);
            for (int seen = most; now > seen && Interlocked.CompareExchange(ref most, now, seen) != seen; seen = most)
            {
            }

            return index;
        }
    }

    [Fact]
    public void Take_ManyWorkers_MakesNoMoreAtOnce()
    {
        int busy = 0;
        using Prefetch<int> items = new(Count, 100, workers: 2, ahead: 20);
        Assert.InRange(Enumerable.Range(0, 100).Max(index => items.Take(index)), 1, 2);

        int Count(long index)
        {
            int now = Interlocked.Increment(ref busy);
            Thread.SpinWait(10_000);
            Interlocked.Decrement(ref busy);
            return now;
        }
    }

    // What a step does on threads of the pool would wait behind the items, a whole decoder's time at every step.
    [Fact]
    public void Take_Items_AreMadeOnNoThreadOfThePool()
    {
        using Prefetch<bool> items = new(_ => Thread.CurrentThread.IsThreadPoolThread, 20, Workers, Ahead);
        Assert.DoesNotContain(true, Enumerable.Range(0, 20).Select(index => items.Take(index)));
    }

    [Fact]
    public void Take_Cancelled_EndsTheWaitingAndTheItemCanBeAskedForAgain()
    {
        using ManualResetEventSlim gate = new();
        using CancellationTokenSource cancellation = new();
        using Prefetch<long> items = new(Wait, 3, Workers, Ahead);
        cancellation.CancelAfter(20);
        Assert.Throws<OperationCanceledException>(() => items.Take(0, cancellation.Token));
        gate.Set();
        Assert.Equal((0, 1), (items.Take(0), items.Take(1)));

        long Wait(long index)
        {
            gate.Wait();
            return index;
        }
    }

    [Fact]
    public void Dispose_ItemsUnderWay_WaitsForThemAndDisposesOfWhatNobodyTook()
    {
        ConcurrentBag<Thing> things = [];
        Prefetch<Thing> items = new(_ => Add(things), 100, Workers, Ahead);
        Thing taken = items.Take(0);
        items.Dispose();
        items.Dispose();
        int made = things.Count;
        Assert.InRange(made, 1, Ahead + 1);
        Assert.All(things, thing => Assert.Equal(thing != taken, thing.Disposed));
        Assert.Throws<ObjectDisposedException>(() => items.Take(1));
        Assert.Equal(made, things.Count);
    }

    [Fact]
    public void Dispose_BeforeAnythingWasTaken_MakesNothing()
    {
        using (new Prefetch<long>(Make, 5, Workers, Ahead))
        {
        }

        Assert.Empty(_made);
    }

    private static Thing Add(ConcurrentBag<Thing> things)
    {
        Thing thing = new();
        things.Add(thing);
        return thing;
    }

    // Later items are often ready before earlier ones.
    private long Uneven(long index)
    {
        Thread.SpinWait((int)(index * 7919 % 13) * 500);
        return Make(index);
    }

    private long Make(long index)
    {
        _made.Enqueue(index);
        return 10 * index;
    }

    private sealed class Thing : IDisposable
    {
        public bool Disposed { get; private set; }

        public void Dispose() => Disposed = true;
    }
}
