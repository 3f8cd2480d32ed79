namespace Clouds.Native.Downloads;

/// <summary>What a server gives of a file: all of it, or what comes behind that which is there already.</summary>
/// <param name="Content">The bytes; the owner disposes it.</param>
/// <param name="Start">Position of the first of them in the file.</param>
/// <param name="Total">Length of the whole file; null where the server does not say.</param>
/// <param name="Version">What the file's next version would have another of; null where the server does not say.</param>
internal sealed record RemotePiece(Stream Content, long Start, long? Total, string? Version) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}

/// <summary>Where files are fetched from.</summary>
internal interface IFileServer
{
    /// <summary>Opens a file.</summary>
    /// <param name="address">The file.</param>
    /// <param name="from">Bytes that are there already.</param>
    /// <param name="version">Of which version they are; null: unknown.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Behind these bytes, or from the start where that is not possible.</returns>
    /// <exception cref="PassingException">It may work in a moment.</exception>
    /// <exception cref="Clouds.Diagnostics.CloudsException">BadInput: it will not.</exception>
    Task<RemotePiece> OpenAsync(Uri address, long from, string? version, CancellationToken cancellation);
}

/// <summary>A failure that may pass: a cut connection, a busy server.</summary>
internal sealed class PassingException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether what is there cannot be trusted, so that the next attempt starts anew.</summary>
    public bool Anew { get; init; }
}
