namespace Clouds.Native.Sam;

/// <summary>
/// Sessions by what they were made for; of those that were not used for longest none is kept, for each holds activations. One call at a time; dispose it.
/// </summary>
/// <param name="open">Makes one.</param>
internal sealed class RecentSessions<TKey, TSession>(Func<TKey, TSession> open) : IDisposable
    where TKey : IEquatable<TKey>
    where TSession : IDisposable
{
    // People who click ask with one point, then with two; a refinement asks always with as many, in parts of 1, 2, 4, ... prompts.
    private const int Kept = 6;

    private readonly LinkedList<(TKey Key, TSession Session)> _sessions = [];

    /// <summary>The session for a key, made where there is none.</summary>
    public TSession this[TKey key]
    {
        get
        {
            LinkedListNode<(TKey Key, TSession Session)>? node = _sessions.First;
            while (node is not null && !node.Value.Key.Equals(key))
            {
                node = node.Next;
            }

            if (node is null)
            {
                _sessions.AddFirst((key, open(key)));
            }
            else
            {
                _sessions.Remove(node);
                _sessions.AddFirst(node);
            }

            Trim();
            return _sessions.First!.Value.Session;
        }
    }

    public void Dispose()
    {
        foreach ((_, TSession session) in _sessions)
        {
            session.Dispose();
        }
    }

    private void Trim()
    {
        if (_sessions.Count > Kept)
        {
            _sessions.Last!.Value.Session.Dispose();
            _sessions.RemoveLast();
        }
    }
}
