using System.Security.Cryptography;
using Clouds.Diagnostics;

namespace Clouds.Native.Downloads;

/// <summary>SHA-256 of files as they lie on the disk, in 64 hexadecimal digits in lower case.</summary>
internal static class FileDigest
{
    private const int Piece = 1 << 20;

    /// <summary>The digest of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="progress">Told the bytes read, of all.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="CloudsException">BadInput: it cannot be read.</exception>
    public static string Of(string path, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return Of(file, progress, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.BadInput, "a file cannot be read", path, e.Message, next: "check path and permissions", inner: e);
        }
    }

    /// <summary>The digest of what a stream has from its position on; otherwise as above.</summary>
    public static string Of(Stream file, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] piece = new byte[Piece];
        for (int count = file.Read(piece); count > 0; count = file.Read(piece))
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(piece, 0, count);
            progress?.Report(new ProgressReport("digest", file.Position, Math.Max(file.Length, file.Position)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
