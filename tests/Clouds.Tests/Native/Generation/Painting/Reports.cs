namespace Clouds.Tests.Native.Generation.Painting;

/// <summary>Keeps what it is told, at once and in order.</summary>
/// <param name="also">Done with each.</param>
internal sealed class Reports<T>(Action<T>? also = null) : IProgress<T>
{
    /// <summary>All of it.</summary>
    public List<T> All { get; } = [];

    public void Report(T value)
    {
        All.Add(value);
        also?.Invoke(value);
    }
}
