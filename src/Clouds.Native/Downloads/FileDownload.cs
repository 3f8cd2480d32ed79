using Clouds.Diagnostics;

namespace Clouds.Native.Downloads;

/// <summary>
/// Fetches files that are large and need not arrive at the first attempt: it goes on where it stopped, also in a later process, and believes the server
/// nothing. A file whose digest is known is that file or is not there.
/// </summary>
public sealed class FileDownload : IDisposable
{
    private const int Piece = 1 << 18;
    private const int MostAttempts = 6;

    private readonly HttpClient _client;
    private readonly HttpServer _http;
    private readonly FolderServer _folder = new();

    /// <summary>Ready to fetch.</summary>
    public FileDownload()
        : this(HttpServer.NewClient())
    {
    }

    internal FileDownload(HttpClient client) => (_client, _http) = (client, new HttpServer(client));

    /// <summary>Told in a sentence what delays the file; null: nobody.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>A server that sends nothing for so long is asked again. Default: a minute.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    // The wait before the attempt of this number; tests do not wait.
    internal Func<int, TimeSpan> Pause { get; init; } = failures => TimeSpan.FromSeconds(Math.Min(30, 1 << failures));

    internal Func<string, FileStream> Open { get; init; } = path => new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    internal Func<string, long> FreeBytes { get; init; } = folder => new DriveInfo(folder).AvailableFreeSpace;

    /// <summary>Fetches a file; one that is there already, with the right digest or where none is known, is left alone.</summary>
    /// <param name="request">The file.</param>
    /// <param name="progress">Told the bytes that are there, of all, or of 0 where nobody knows.</param>
    /// <param name="cancellation">Ends it; what was fetched is kept.</param>
    /// <exception cref="CloudsException">
    /// Usage: the address is not safe, or another file is there; BadInput: the server does not give the file, or another; Weights: its digest is another;
    /// Output: it cannot be written, or the disk is too small.
    /// </exception>
    public async Task<DownloadResult> FetchAsync(
        DownloadRequest request, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        DownloadRules.RequireSafe(request);
        if (DownloadRules.Present(request, cancellation) is DownloadResult there)
        {
            return there;
        }

        using PartialFile part = new(request.Path, request.Source, Open);
        long before = part.Length;
        await FillAsync(request, part, progress, cancellation).ConfigureAwait(false);
        string digest = part.Digest(progress, cancellation);
        if (!Fits(request, digest) && before > 0)
        {
            Warn?.Invoke($"{part.Path}: what was fetched earlier does not belong to this file; it is fetched anew");
            before = 0;
            part.Restart();
            await FillAsync(request, part, progress, cancellation).ConfigureAwait(false);
            digest = part.Digest(progress, cancellation);
        }

        return Finish(request, part, digest, before);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client.Dispose();

    private static bool Fits(DownloadRequest request, string digest) =>
        request.Sha256 is null || digest.StartsWith(request.Sha256, StringComparison.Ordinal);

    private static DownloadResult Finish(DownloadRequest request, PartialFile part, string digest, long before)
    {
        long bytes = part.Length;
        if (!Fits(request, digest))
        {
            part.Discard();
            throw new CloudsException(Failure.Weights, "the file that was fetched is not the one that was published; it was removed", $"{request.Source}",
                $"SHA-256 {digest}", request.Sha256, "fetch it from another place, or ask its publisher");
        }

        part.Commit(request.Overwrite);
        return new DownloadResult(request.Path, bytes, digest, bytes - before);
    }

    private async Task FillAsync(DownloadRequest request, PartialFile part, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        for (int failures = 0; ;)
        {
            long before = part.Length;
            try
            {
                await AttemptAsync(request, part, progress, cancellation).ConfigureAwait(false);
                return;
            }
            catch (PassingException e)
            {
                failures = part.Length > before && !e.Anew ? 1 : failures + 1;
                await WaitAsync(request, part, e, failures, cancellation).ConfigureAwait(false);
            }
        }
    }

    private async Task WaitAsync(DownloadRequest request, PartialFile part, PassingException failure, int failures, CancellationToken cancellation)
    {
        if (failures == MostAttempts)
        {
            throw new CloudsException(Failure.BadInput, "a file could not be fetched", $"{request.Source}",
                $"{failure.Message}, {failures} times", "all of it", $"try again later: {part.Length} bytes are kept", failure);
        }

        if (failure.Anew)
        {
            part.Restart();
        }

        TimeSpan pause = Pause(failures);
        Warn?.Invoke($"{failure.Message}; next attempt in {pause.TotalSeconds:0} s, from byte {part.Length} on");
        await Task.Delay(pause, cancellation).ConfigureAwait(false);
    }

    private async Task AttemptAsync(DownloadRequest request, PartialFile part, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            IFileServer server = request.Source.IsFile ? _folder : _http;
            await using RemotePiece piece = await server.OpenAsync(request.Source, part.Length, part.Version, patience.Token).ConfigureAwait(false);
            if (piece.Start != part.Length)
            {
                part.Restart();
            }

            DownloadRules.RequireRoom(request, part, piece, FreeBytes);
            part.Note(piece.Version);
            await CopyAsync(request, part, piece, progress, patience).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new PassingException($"nothing came for {Patience.TotalSeconds:0} s", e);
        }
    }

    private async Task CopyAsync(
        DownloadRequest request, PartialFile part, RemotePiece piece, IProgress<ProgressReport>? progress, CancellationTokenSource patience)
    {
        byte[] buffer = new byte[Piece];
        for (int count = await ReadAsync(piece, buffer, patience).ConfigureAwait(false); count > 0;
            count = await ReadAsync(piece, buffer, patience).ConfigureAwait(false))
        {
            DownloadRules.RequireWithin(request, part.Length + count, piece.Total);
            part.Write(buffer.AsSpan(0, count));
            progress?.Report(new ProgressReport("download", part.Length, piece.Total ?? request.Bytes ?? 0));
        }

        if (part.Length < (piece.Total ?? request.Bytes ?? 0))
        {
            throw new PassingException($"the connection ended after {part.Length} of {piece.Total ?? request.Bytes} bytes");
        }
    }

    private async Task<int> ReadAsync(RemotePiece piece, byte[] buffer, CancellationTokenSource patience)
    {
        try
        {
            patience.CancelAfter(Patience);
            return await piece.Content.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new PassingException(e.Message, e);
        }
    }
}
