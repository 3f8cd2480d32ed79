namespace Clouds.Training.Engine;

/// <summary>
/// Makes the items of a sequence ahead of who takes them, on several workers, and hands them out in order. An item is a function of its index, so what
/// comes out does not depend on the number of workers. One thread takes; nothing is made before the first item is taken.
/// </summary>
/// <typeparam name="T">What is made. Items that nobody takes are disposed of, where that can be.</typeparam>
public sealed class Prefetch<T> : IDisposable
{
    private readonly Func<long, T> _make;
    private readonly long _count;
    private readonly int _ahead;
    private readonly TaskScheduler _workers;
    private readonly Queue<Task<T>> _underWay = [];
    private CancellationTokenSource _wanted = new();
    private long _first;

    /// <summary>A sequence, of which nothing is made yet.</summary>
    /// <param name="make">Makes the item of an index; runs on threads of the pool, several at once.</param>
    /// <param name="count">Items of the sequence; nothing is made beyond them.</param>
    /// <param name="workers">Items that are made at once; 0: <see cref="PrefetchWorkers.Usual"/>.</param>
    /// <param name="ahead">Most items that are being made or wait, at least 1: what bounds the memory.</param>
    public Prefetch(Func<long, T> make, long count, int workers, int ahead)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        ArgumentOutOfRangeException.ThrowIfLessThan(ahead, 1);
        (_make, _count, _ahead) = (make, count, ahead);
        _workers = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, workers == 0 ? PrefetchWorkers.Usual : workers).ConcurrentScheduler;
    }

    /// <summary>The item of an index, waited for where it is not ready; those behind it begin to be made.</summary>
    /// <param name="index">0 .. count - 1. Any other than the next one starts the sequence again there.</param>
    /// <param name="cancellation">Ends the waiting; the item can be asked for again.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">Disposed of.</exception>
    /// <remarks>What making the item threw is thrown here, when it is the item's turn; asked for again, it is made again.</remarks>
    public T Take(long index, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_wanted.IsCancellationRequested, this);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _count);
        if (index != _first)
        {
            Drop();
            (_first, _wanted) = (index, new CancellationTokenSource());
        }

        MakeAhead();
        Task.WaitAny([_underWay.Peek()], cancellation);
        _first++;
        Task<T> taken = _underWay.Dequeue();
        MakeAhead();
        return taken.GetAwaiter().GetResult();
    }

    /// <summary>Waits for the items that are being made, begins no others, and drops what nobody took.</summary>
    public void Dispose() => Drop();

    private void MakeAhead()
    {
        while (_underWay.Count < _ahead && _first + _underWay.Count < _count)
        {
            long index = _first + _underWay.Count;
            _underWay.Enqueue(Task.Factory.StartNew(() => _make(index), _wanted.Token, TaskCreationOptions.DenyChildAttach, _workers));
        }
    }

    // What they work with is the caller's, who may dispose of it now; their failures would come out of turn.
    private void Drop()
    {
        if (_wanted.IsCancellationRequested)
        {
            return;
        }

        _wanted.Cancel();
        Task.WhenAll(_underWay).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        while (_underWay.TryDequeue(out Task<T>? dropped))
        {
            if (dropped is { IsCompletedSuccessfully: true, Result: IDisposable item })
            {
                item.Dispose();
            }
        }

        _wanted.Dispose();
    }
}

/// <summary>How many workers a <see cref="Prefetch{T}"/> has.</summary>
public static class PrefetchWorkers
{
    // method.md section 7: the reference code's loader has 4.
    private const int Most = 4;

    /// <summary>One a processor, at most 4 as the reference code has them. They stand still while what they made waits to be taken.</summary>
    public static int Usual => Math.Clamp(Environment.ProcessorCount, 1, Most);
}
