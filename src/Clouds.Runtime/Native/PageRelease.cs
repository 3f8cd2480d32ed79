namespace Clouds.Runtime.Native;

/// <summary>
/// Takes the pages of mapped files out of the process's memory again and again while somebody reads through them, so that files larger than memory can be
/// laid out in another form.
/// </summary>
internal sealed class PageRelease : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly (nint Address, long Bytes)[] _files;
    private readonly Timer _timer;

    /// <param name="files">Start and length of each mapping; they outlive this object.</param>
    public PageRelease(IEnumerable<(nint Address, long Bytes)> files)
    {
        _files = [.. files];
        _timer = new Timer(_ => Release(), null, Pause, Pause);
    }

    /// <summary>Does so once more, and ends it; nothing is released afterwards.</summary>
    public void Dispose()
    {
        using ManualResetEvent ended = new(initialState: false);
        if (_timer.Dispose(ended))
        {
            ended.WaitOne();
        }

        Release();
    }

    private void Release() => Array.ForEach(_files, file => MappedPages.Release(file.Address, file.Bytes));
}
