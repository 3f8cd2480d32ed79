using Clouds.Diagnostics;

namespace Clouds.Graph.Files;

/// <summary>Reads files that are taken into memory whole.</summary>
public static class WholeFile
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">Largest size in bytes.</param>
    /// <exception cref="CloudsException">BadInput where it is missing, unreadable, empty or larger than that.</exception>
    public static byte[] Read(string path, long most = 1L << 30)
    {
        if (Directory.Exists(path))
        {
            throw new CloudsException(Failure.BadInput, "a folder stands where a file is meant", path, "a folder", "a file", "name a file inside it");
        }

        FileInfo file = new(path);
        if (!file.Exists)
        {
            throw new CloudsException(Failure.BadInput, "the file does not exist", path, next: "check the path");
        }

        if (file.Length == 0 || file.Length > most)
        {
            throw new CloudsException(
                Failure.BadInput, "the file's size is outside the limits", path, $"{file.Length} bytes", $"1 to {most} bytes", "replace the file");
        }

        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.BadInput, "the file cannot be read", path, e.Message, next: "check the file's permissions", inner: e);
        }
    }
}
