using System.Collections.Concurrent;

namespace Clouds.Native.Segmentation;

/// <summary>
/// Where one image at a time is computed: a thread with sessions of its own. ONNX Runtime hears of a cancellation between two operators only, and a
/// large one takes longer than callers like to wait; so they wait for this thread, and leave it to finish alone when they are cancelled.
/// </summary>
/// <param name="kept">Sessions that are kept, 1 or more. Each holds activations, though no weights.</param>
internal sealed class InferenceLane(int kept) : IDisposable
{
    private readonly LinkedList<IInference> _sessions = [];
    private readonly BlockingCollection<Action> _work = [];
    private Thread? _thread;

    /// <summary>Sessions that are open, the latest first.</summary>
    public IEnumerable<IInference> Sessions => _sessions;

    /// <summary>Where the class scores of several looks at an image are added up.</summary>
    public ViewScores Scores { get; } = new();

    /// <summary>Whether it has a session of this padded size.</summary>
    public bool Has(int height, int width) => _sessions.Any(session => session.Fits(height, width));

    /// <summary>Its session of a padded size; the one that was not used for longest makes room.</summary>
    /// <param name="height">Padded rows.</param>
    /// <param name="width">Padded columns.</param>
    /// <param name="open">Makes one.</param>
    public IInference Session(int height, int width, Func<int, int, IInference> open)
    {
        IInference session = _sessions.FirstOrDefault(other => other.Fits(height, width)) ?? open(height, width);
        _sessions.Remove(session);
        _sessions.AddFirst(session);
        if (_sessions.Count > kept)
        {
            _sessions.Last!.Value.Dispose();
            _sessions.RemoveLast();
        }

        return session;
    }

    /// <summary>Has its thread do something; one thing at a time.</summary>
    public Task<T> Run<T>(Func<T> work)
    {
        if (_thread is null)
        {
            _thread = new Thread(Loop) { IsBackground = true, Name = "clouds inference" };
            _thread.Start();
        }

        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() => Complete(done, work));
        return done.Task;
    }

    /// <summary>Frees the sessions; nothing may be running.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        foreach (IInference session in _sessions)
        {
            session.Dispose();
        }

        _sessions.Clear();
    }

    private static void Complete<T>(TaskCompletionSource<T> done, Func<T> work)
    {
        try
        {
            done.SetResult(work());
        }
        catch (Exception failure)
        {
            done.SetException(failure);
        }
    }

    // In the foreground while it works: a process that ends waits for the operator that runs, whose library would be gone otherwise.
    private void Loop()
    {
        foreach (Action work in _work.GetConsumingEnumerable())
        {
            Thread.CurrentThread.IsBackground = false;
            work();
            Thread.CurrentThread.IsBackground = true;
        }
    }
}
