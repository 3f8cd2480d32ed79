using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Native.Images;
using Clouds.Server.Requests;
using Microsoft.AspNetCore.Http;

namespace Clouds.Server.Routes;

/// <summary>
/// The one folder whose images may be read. A file is opened first and then asked where it really lies, so that neither dots nor links, nor links that
/// change meanwhile, lead out of the folder; what lies elsewhere and what is not there have the same answer.
/// </summary>
internal sealed class OpenedFolder
{
    private const int MostListed = 10_000;

    private static readonly EnumerationOptions WithoutLinks = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden,
    };

    private readonly string _root;
    private readonly string _prefix;

    /// <exception cref="CloudsException">BadInput: there is no such folder.</exception>
    public OpenedFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new CloudsException(Failure.BadInput, "there is no such folder to open", folder, next: "correct the path");
        }

        _root = Path.TrimEndingDirectorySeparator(FolderWalk.Real(Path.GetFullPath(folder)));
        _prefix = Path.EndsInDirectorySeparator(_root) ? _root : _root + Path.DirectorySeparatorChar;
    }

    /// <summary>The images below the folder, links and hidden files left out; paths with '/' in ordinal order.</summary>
    public (IReadOnlyList<string> Images, bool More) List()
    {
        string[] images = [.. Directory.EnumerateFiles(_root, "*", WithoutLinks).Where(IsImage).Take(MostListed + 1)
            .Select(path => Path.GetRelativePath(_root, path)).Order(StringComparer.Ordinal)];
        return images.Length > MostListed ? (images[..MostListed], true) : (images, false);
    }

    /// <summary>The bytes of an image.</summary>
    /// <param name="path">As listed.</param>
    /// <exception cref="Refusal">404.</exception>
    public byte[] Read(string path)
    {
        if (!IsImage(path) || path.Split('/').Any(part => part is "" or "." or "..") || path.Contains('\0'))
        {
            throw Nothing(path);
        }

        try
        {
            return Inside(Path.Combine(_root, path)) ?? throw Nothing(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Nothing(path);
        }
    }

    // Pipes and devices, which are opened for ever, have no length.
    private byte[]? Inside(string path)
    {
        if (new FileInfo(path).Length == 0)
        {
            return null;
        }

        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        string? real = new FileInfo($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}").LinkTarget;
        if (real?.StartsWith(_prefix, StringComparison.Ordinal) != true)
        {
            return null;
        }

        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static bool IsImage(string path) => ImageFile.Extensions.Contains(Path.GetExtension(path).ToLowerInvariant());

    private static Refusal Nothing(string path) => new(StatusCodes.Status404NotFound,
        "there is no such image in the opened folder", path, null, "a path that GET /files lists", "correct the path");
}
