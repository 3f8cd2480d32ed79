namespace Clouds.Native.Generation.Painting;

/// <summary>The one thing that was asked for last, kept because the next request is mostly like it; others' memory is needed. Dispose it.</summary>
/// <param name="make">Makes one.</param>
internal sealed class LastUsed<TKey, T>(Func<TKey, T> make) : IDisposable
    where TKey : struct, IEquatable<TKey>
    where T : class, IDisposable
{
    private TKey _key;
    private T? _last;

    /// <summary>The thing for a key.</summary>
    public T this[TKey key]
    {
        get
        {
            if (_last is null || !_key.Equals(key))
            {
                Dispose();
                (_last, _key) = (make(key), key);
            }

            return _last;
        }
    }

    public void Dispose()
    {
        _last?.Dispose();
        _last = null;
    }
}
