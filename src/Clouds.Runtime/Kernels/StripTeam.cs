namespace Clouds.Runtime.Kernels;

/// <summary>
/// Runs the strips of a kernel on several threads of the pool without allocating: a map of two megapixels takes less than a millisecond,
/// and what Parallel.For sets up each time would show. Not for concurrent use.
/// </summary>
internal sealed class StripTeam : IThreadPoolWorkItem
{
    private Action<int>? _body;
    private Exception? _failure;

    // Run number in the upper half, then the number of strips and the next one; one word, so that a worker that wakes late claims nothing.
    private long _claims;
    private int _unfinished;

    /// <summary>Calls <paramref name="body"/> once for each strip; returns when all have ended.</summary>
    /// <param name="threads">Largest number of threads, this one included.</param>
    /// <param name="strips">At most 32,767.</param>
    /// <param name="body">Called concurrently; keep the delegate, so that it is not allocated anew.</param>
    public void Run(int threads, int strips, Action<int> body)
    {
        if (threads == 1 || strips == 1)
        {
            for (int strip = 0; strip < strips; strip++)
            {
                body(strip);
            }

            return;
        }

        Start(strips, body);
        for (int helper = 1; helper < Math.Min(threads, strips); helper++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        ((IThreadPoolWorkItem)this).Execute();
        SpinWait wait = default;
        while (Volatile.Read(ref _unfinished) > 0)
        {
            wait.SpinOnce();
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
        while (true)
        {
            long claims = Volatile.Read(ref _claims);
            int next = (int)(claims & 0xFFFF);
            if (next >= (int)((claims >> 16) & 0xFFFF))
            {
                return;
            }

            if (Interlocked.CompareExchange(ref _claims, claims + 1, claims) == claims)
            {
                Call(next);
            }
        }
    }

    private void Start(int strips, Action<int> body)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(strips, short.MaxValue);
        _body = body;
        Volatile.Write(ref _unfinished, strips);
        Volatile.Write(ref _claims, (((_claims >> 32) + 1) << 32) | ((long)strips << 16));
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
