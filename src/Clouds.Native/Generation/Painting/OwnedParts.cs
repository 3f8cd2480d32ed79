namespace Clouds.Native.Generation.Painting;

/// <summary>What an object owns, given back in the order in which it came: sessions before the memory that they are bound to.</summary>
internal sealed class OwnedParts : IDisposable
{
    private readonly List<IDisposable> _parts = [];

    /// <summary>One more; where it cannot be made, all are given back, so that a constructor may throw half way.</summary>
    public T Add<T>(Func<T> make)
        where T : IDisposable
    {
        try
        {
            T part = make();
            _parts.Add(part);
            return part;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _parts.ForEach(part => part.Dispose());
        _parts.Clear();
    }
}
