namespace Clouds.Native.Segmentation;

/// <summary>
/// A caller's stay on a lane. When the caller is cancelled, or the lanes are closed, it stops waiting at once; the lane becomes free when its thread
/// has finished, which is soon, for the session is told too. Dispose it to leave.
/// </summary>
/// <param name="lane">Where.</param>
/// <param name="stop">Cancelled with the caller and with the lanes; owned from now on.</param>
/// <param name="leave">Called once, when the lane is free again.</param>
internal sealed class InferenceVisit(InferenceLane lane, CancellationTokenSource stop, Action<InferenceLane> leave) : IDisposable
{
    private Task _work = Task.CompletedTask;
    private bool _left;

    /// <summary>Cancelled with the caller and with the lanes.</summary>
    public CancellationToken Stop { get; } = stop.Token;

    /// <summary>Has the lane's thread do something and waits for it.</summary>
    /// <exception cref="OperationCanceledException">Stopped; the thread may still be at work.</exception>
    public T Run<T>(Func<InferenceLane, CancellationToken, T> work)
    {
        Task<T> running = Begin(work);
        Task.WaitAny([running], Stop);
        return running.GetAwaiter().GetResult();
    }

    /// <summary>The same without a waiting thread.</summary>
    public Task<T> RunAsync<T>(Func<InferenceLane, CancellationToken, T> work) => Begin(work).WaitAsync(Stop);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_left)
        {
            _left = true;
            _work.ContinueWith(Leave, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private Task<T> Begin<T>(Func<InferenceLane, CancellationToken, T> work)
    {
        Task<T> running = lane.Run(() => work(lane, Stop));
        _work = running;
        return running;
    }

    private void Leave(Task work)
    {
        // Whoever left early never hears of a failure; it is seen here, so that the runtime does not report it as forgotten.
        _ = work.Exception;
        stop.Dispose();
        leave(lane);
    }
}
