using System.Collections.Concurrent;

namespace Clouds.Training.Engine;

/// <summary>
/// Makes the items of a sequence ahead of who takes them, on several threads of its own, and hands them out in order. An item is a function of its
/// index, so what comes out does not depend on the number of threads. One thread takes; nothing is made before the first item is taken.
/// </summary>
/// <typeparam name="T">What is made. Items that nobody takes are disposed of, where that can be.</typeparam>
public sealed class Prefetch<T> : IDisposable
{
    private readonly Func<long, T> _make;
    private readonly long _count;
    private readonly int _ahead;
    private readonly BlockingCollection<Item> _orders = [];
    private readonly Queue<Item> _underWay = [];
    private readonly Thread[] _workers;
    private long _first;
    private bool _started;
    private bool _disposed;

    /// <summary>A sequence, of which nothing is made yet.</summary>
    /// <param name="make">Makes the item of an index, on several threads at once.</param>
    /// <param name="count">Items of the sequence; nothing is made beyond them.</param>
    /// <param name="workers">Items that are made at once; 0: <see cref="PrefetchWorkers.Usual"/>.</param>
    /// <param name="ahead">Most items that are being made or wait, at least 1: what bounds the memory.</param>
    public Prefetch(Func<long, T> make, long count, int workers, int ahead)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        ArgumentOutOfRangeException.ThrowIfLessThan(ahead, 1);
        (_make, _count, _ahead) = (make, count, ahead);

        // Not those of the pool: whatever the step does there would wait behind the items.
        int threads = Math.Min(ahead, workers == 0 ? PrefetchWorkers.Usual : workers);
        _workers = [.. Enumerable.Range(0, threads).Select(_ => new Thread(Work) { IsBackground = true, Name = "prefetch" })];
    }

    /// <summary>The item of an index, waited for where it is not ready; those behind it begin to be made.</summary>
    /// <param name="index">0 .. count - 1. Any other than the next one starts the sequence again there.</param>
    /// <param name="cancellation">Ends the waiting; the item can be asked for again.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">Disposed of.</exception>
    /// <remarks>What making the item threw is thrown here, when it is the item's turn; asked for again, it is made again.</remarks>
    public T Take(long index, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _count);
        if (index != _first)
        {
            Drop();
            _first = index;
        }

        Order();
        Task.WaitAny([_underWay.Peek().Made], cancellation);
        Item taken = _underWay.Dequeue();
        _first++;
        Order();
        return taken.Made.GetAwaiter().GetResult();
    }

    /// <summary>Waits for the items that are being made, begins no others, and drops what nobody took.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        Drop();
        _orders.CompleteAdding();
        Array.ForEach(_started ? _workers : [], worker => worker.Join());
        _orders.Dispose();
    }

    private void Order()
    {
        while (_underWay.Count < _ahead && _first + _underWay.Count < _count)
        {
            Item item = new(_first + _underWay.Count);
            _underWay.Enqueue(item);
            _orders.Add(item);
        }

        if (!_started)
        {
            _started = true;
            Array.ForEach(_workers, worker => worker.Start());
        }
    }

    private void Work()
    {
        foreach (Item item in _orders.GetConsumingEnumerable())
        {
            item.Make(_make);
        }
    }

    // What they work with is the caller's, who may dispose of it now; their failures would come out of turn.
    private void Drop()
    {
        foreach (Item item in _underWay)
        {
            item.Unwanted = true;
        }

        while (_underWay.TryDequeue(out Item? item))
        {
            Task.WaitAny(item.Made);
            if (item.Made is { IsCompletedSuccessfully: true, Result: IDisposable made })
            {
                made.Dispose();
            }
        }
    }

    private sealed class Item(long index)
    {
        private readonly TaskCompletionSource<T> _made = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public volatile bool Unwanted;

        public Task<T> Made => _made.Task;

        public void Make(Func<long, T> make)
        {
            if (Unwanted)
            {
                _made.SetCanceled();
                return;
            }

            try
            {
                _made.SetResult(make(index));
            }
            catch (Exception e)
            {
                _made.SetException(e);
            }
        }
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
