using Clouds.Diagnostics;

namespace Clouds.Native.Downloads;

/// <summary>A local mirror: files of this machine.</summary>
internal sealed class FolderServer : IFileServer
{
    /// <inheritdoc/>
    public Task<RemotePiece> OpenAsync(Uri address, long from, string? version, CancellationToken cancellation)
    {
        try
        {
            FileStream file = new(address.LocalPath, FileMode.Open, FileAccess.Read, FileShare.Read);
            string present = $"{file.Length} {File.GetLastWriteTimeUtc(file.SafeFileHandle).Ticks}";
            file.Position = version == present && from <= file.Length ? from : 0;
            return Task.FromResult(new RemotePiece(file, file.Position, file.Length, present));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.BadInput, "a file of the mirror cannot be read", address.LocalPath, e.Message, next: "check the path", inner: e);
        }
    }
}
