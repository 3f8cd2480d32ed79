using System.Diagnostics;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Runs the strips of a kernel's passes on several threads of the pool without allocating: a map of two megapixels takes less than a
/// millisecond, and what Parallel.For sets up for every pass would show. The other threads are called once for all passes, wait in
/// between without sleeping, and stay a moment for the next map: waking a thread takes as long as a tenth of a map. Not for concurrent use.
/// </summary>
internal sealed class StripTeam : IThreadPoolWorkItem
{
    // A fifth of a millisecond.
    private static readonly long Patience = Stopwatch.Frequency / 5000;
    private Action<int>? _body;
    private Exception? _failure;

    // Number of the pass in the upper half, then the number of strips and the next one; one word, so that a thread that looks late claims nothing.
    private long _claims;
    private int _unfinished;
    private int _places;

    // Odd while the team is open.
    private int _epoch;

    // Threads that have not left yet.
    private int _present;

    /// <summary>Calls the other threads.</summary>
    /// <param name="threads">Threads of the passes to come, this one included.</param>
    public void Open(int threads)
    {
        Volatile.Write(ref _places, threads - 1);
        Interlocked.Increment(ref _epoch);
        for (int helper = 1 + Volatile.Read(ref _present); helper < threads; helper++)
        {
            Interlocked.Increment(ref _present);
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Lets the other threads go.</summary>
    public void Close() => Interlocked.Increment(ref _epoch);

    /// <summary>One pass: calls <paramref name="body"/> once for each strip; returns when all have ended.</summary>
    /// <param name="strips">At most 32,767.</param>
    /// <param name="body">Called concurrently; keep the delegate, so that it is not allocated anew.</param>
    public void Run(int strips, Action<int> body)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(strips, short.MaxValue);
        _body = body;
        Volatile.Write(ref _unfinished, strips);
        Volatile.Write(ref _claims, (((_claims >> 32) + 1) << 32) | ((long)strips << 16));
        Work();
        SpinWait wait = default;
        while (Volatile.Read(ref _unfinished) > 0)
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }

        Exception? failure = _failure;
        _failure = null;
        if (failure is not null)
        {
            throw new AggregateException(failure);
        }
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        // A thread that has decided to leave and is still counted is missed by at most one map, whose work the others do.
        while (StaysForAnother())
        {
            // One that comes late takes the place of one of this map's, or finds all places taken.
            int epoch = Volatile.Read(ref _epoch);
            if ((epoch & 1) != 0 && Interlocked.Decrement(ref _places) >= 0)
            {
                WorkUntilClosed(epoch);
            }
        }

        Interlocked.Decrement(ref _present);
    }

    /// <summary>Waits for the team to open; false where that takes too long.</summary>
    private bool StaysForAnother()
    {
        long start = Stopwatch.GetTimestamp();
        SpinWait wait = default;
        while (Volatile.Read(ref _places) <= 0 || (Volatile.Read(ref _epoch) & 1) == 0)
        {
            if (Stopwatch.GetTimestamp() - start > Patience)
            {
                return false;
            }

            wait.SpinOnce(sleep1Threshold: -1);
        }

        return true;
    }

    private void WorkUntilClosed(int epoch)
    {
        SpinWait wait = default;
        while (Volatile.Read(ref _epoch) == epoch)
        {
            if (Work())
            {
                wait.Reset();
            }

            wait.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>Takes strips until none is left; says whether there was one.</summary>
    private bool Work()
    {
        bool worked = false;
        while (true)
        {
            long claims = Volatile.Read(ref _claims);
            int next = (int)(claims & 0xFFFF);
            if (next >= (int)((claims >> 16) & 0xFFFF))
            {
                return worked;
            }

            if (Interlocked.CompareExchange(ref _claims, claims + 1, claims) == claims)
            {
                Call(next);
                worked = true;
            }
        }
    }

    private void Call(int strip)
    {
        try
        {
            _body!(strip);
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _failure, e, null);
        }
        finally
        {
            Interlocked.Decrement(ref _unfinished);
        }
    }
}
