namespace Clouds.Native.Segmentation;

/// <summary>The lanes of a segmenter: as many images at once as there are lanes, the others wait, each until it is cancelled.</summary>
internal sealed class InferenceLanes : IDisposable
{
    /// <summary>Sessions that a lane keeps where images are looked at in one size: those of a folder mostly share it.</summary>
    public const int UsuallyKept = 2;

    private readonly InferenceLane[] _lanes;
    private readonly List<InferenceLane> _idle;
    private readonly SemaphoreSlim _free;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new();
    private readonly Action _closed;
    private bool _isClosing;
    private bool _isClosed;

    /// <param name="count">How many, 1 or more.</param>
    /// <param name="closed">Frees what sessions share; called once, after the last of them is gone.</param>
    /// <param name="kept">Sessions that each of them keeps, 1 or more.</param>
    public InferenceLanes(int count, Action closed, int kept = UsuallyKept)
    {
        _lanes = [.. Enumerable.Range(0, count).Select(_ => new InferenceLane(kept))];
        _idle = [.. _lanes];
        _free = new SemaphoreSlim(count, count);
        _closed = closed;
    }

    /// <summary>How many.</summary>
    public int Count => _lanes.Length;

    /// <summary>Sessions that are open on all lanes; for one thread at a time.</summary>
    public IEnumerable<IInference> Sessions => _lanes.SelectMany(lane => lane.Sessions);

    /// <summary>Waits for a lane, one with a session of this padded size where there is one.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, or closed meanwhile or before.</exception>
    public InferenceVisit Enter(int height, int width, CancellationToken cancellation)
    {
        CancellationTokenSource stop = Linked(cancellation);
        try
        {
            _free.Wait(stop.Token);
            return Visit(height, width, stop);
        }
        catch
        {
            stop.Dispose();
            throw;
        }
    }

    /// <summary>The same without a waiting thread.</summary>
    public async Task<InferenceVisit> EnterAsync(int height, int width, CancellationToken cancellation)
    {
        CancellationTokenSource stop = Linked(cancellation);
        try
        {
            await _free.WaitAsync(stop.Token).ConfigureAwait(false);
            return Visit(height, width, stop);
        }
        catch
        {
            stop.Dispose();
            throw;
        }
    }

    /// <summary>Stops all visits, and frees everything as soon as no lane's thread is at work any more; it does not wait for that.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isClosing)
            {
                return;
            }

            _isClosing = true;
        }

        _closing.Cancel();
        Leave(null);
    }

    private CancellationTokenSource Linked(CancellationToken cancellation) => CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing.Token);

    private InferenceVisit Visit(int height, int width, CancellationTokenSource stop)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosing, typeof(Segmenter));
            InferenceLane lane = _idle.Find(idle => idle.Has(height, width)) ?? _idle[0];
            _idle.Remove(lane);
            return new InferenceVisit(lane, stop, Leave);
        }
    }

    private void Leave(InferenceLane? lane)
    {
        bool last;
        lock (_lock)
        {
            if (lane is not null)
            {
                _idle.Add(lane);
            }

            last = _isClosing && !_isClosed && _idle.Count == _lanes.Length;
            _isClosed |= last;
        }

        if (last)
        {
            Array.ForEach(_lanes, each => each.Dispose());
            _closed();
        }
        else if (lane is not null)
        {
            _free.Release();
        }
    }
}
