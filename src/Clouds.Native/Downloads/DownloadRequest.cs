namespace Clouds.Native.Downloads;

/// <summary>One file to fetch.</summary>
/// <param name="source">
/// An https address, or a file of this machine; http only from this machine, or where all digits of <see cref="Sha256"/> are known.
/// </param>
/// <param name="path">Where it goes. It appears there whole and checked, or not at all; what was fetched before an interruption lies beside it.</param>
public sealed class DownloadRequest(Uri source, string path)
{
    /// <summary>Where it is.</summary>
    public Uri Source => source;

    /// <summary>Where it goes.</summary>
    public string Path => path;

    /// <summary>Its SHA-256, or the first digits of it, in lower case; null: nobody knows.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Its length in bytes; null: nobody knows.</summary>
    public long? Bytes { get; init; }

    /// <summary>Longer files are refused, in bytes. Default: 64 GiB.</summary>
    public long MostBytes { get; init; } = 64L << 30;

    /// <summary>Whether a file that is there may be replaced.</summary>
    public bool Overwrite { get; init; }
}

/// <summary>A file that is there.</summary>
/// <param name="Path">Where.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">The SHA-256 of all of it.</param>
/// <param name="Fetched">Bytes that were fetched by this call; 0 where it was there before.</param>
public sealed record DownloadResult(string Path, long Bytes, string Sha256, long Fetched);
