using Clouds.Diagnostics;

namespace Clouds.Native.Downloads;

/// <summary>What is asked before and while bytes are written.</summary>
internal static class DownloadRules
{
    private const int AllDigits = 64;

    /// <summary>Refuses addresses over which anybody could send anything.</summary>
    public static void RequireSafe(DownloadRequest request)
    {
        Uri source = request.Source;
        bool plain = source.IsAbsoluteUri && source.Scheme == Uri.UriSchemeHttp && (request.Sha256?.Length == AllDigits || source.IsLoopback);
        bool safe = source.IsAbsoluteUri && (source.IsFile || source.Scheme == Uri.UriSchemeHttps || plain) && source.UserInfo.Length == 0;
        if (!safe)
        {
            throw new CloudsException(Failure.Usage, "files are not fetched from such an address", $"{source}",
                source.IsAbsoluteUri ? source.Scheme : "no address", "https; http where the whole SHA-256 is known", "give an https address, or the digest");
        }
    }

    /// <summary>The file that is there already; null: none, or one that may be replaced.</summary>
    public static DownloadResult? Present(DownloadRequest request, CancellationToken cancellation)
    {
        if (!File.Exists(request.Path))
        {
            return null;
        }

        string digest = FileDigest.Of(request.Path, null, cancellation);
        bool right = request.Sha256 is null || digest.StartsWith(request.Sha256, StringComparison.Ordinal);
        return right && !(request.Overwrite && request.Sha256 is null) ? new DownloadResult(request.Path, new FileInfo(request.Path).Length, digest, 0)
            : request.Overwrite ? null
            : throw new CloudsException(Failure.Usage, "another file of this name is there", request.Path,
                $"SHA-256 {digest}", request.Sha256, "remove it, or name another place");
    }

    /// <summary>Refuses a file that is another than the one that was asked for, longer than allowed, or longer than the disk is free.</summary>
    public static void RequireRoom(DownloadRequest request, PartialFile part, RemotePiece piece, Func<string, long> freeBytes)
    {
        long? total = piece.Total ?? request.Bytes;
        RequireWithin(request, total ?? 0, total);
        if (total is not null && request.Bytes is not null && total != request.Bytes)
        {
            throw new CloudsException(Failure.BadInput, "the server has a file of another length", $"{request.Source}",
                $"{total} bytes", $"{request.Bytes} bytes", "fetch it from another place");
        }

        long missing = (total ?? 0) - part.Length;
        string folder = Path.GetDirectoryName(part.Path)!;
        if (missing > 0 && freeBytes(folder) is long free && free < missing)
        {
            throw new CloudsException(Failure.Output, "the disk is too small for the file", folder, $"{free} bytes free",
                $"{missing} bytes, of {total} in all", "free space, or name another place");
        }
    }

    /// <summary>Refuses bytes beyond the length that was promised or allowed.</summary>
    public static void RequireWithin(DownloadRequest request, long length, long? total)
    {
        long most = Math.Min(request.Bytes ?? request.MostBytes, request.MostBytes);
        if (length > (total ?? most) || length > request.MostBytes)
        {
            throw new CloudsException(Failure.BadInput, "the server sends more than it should", $"{request.Source}",
                $"{length} bytes or more", $"at most {Math.Min(total ?? most, request.MostBytes)} bytes", "check the address, or allow longer files");
        }
    }
}
