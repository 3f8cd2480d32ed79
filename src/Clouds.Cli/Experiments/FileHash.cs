using System.Security.Cryptography;
using Clouds.Diagnostics;

namespace Clouds.Cli.Experiments;

/// <summary>SHA-256 of a file.</summary>
internal static class FileHash
{
    /// <summary>In 64 hexadecimal digits in lower case.</summary>
    /// <exception cref="CloudsException">BadInput: it cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static string Of(string path, CancellationToken cancellation)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return Convert.ToHexStringLower(SHA256.HashDataAsync(file, cancellation).AsTask().GetAwaiter().GetResult());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.BadInput, "weights cannot be read", path, e.Message, "a readable file", "check path and rights", e);
        }
    }
}
