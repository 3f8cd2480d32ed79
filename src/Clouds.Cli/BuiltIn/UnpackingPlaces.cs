using Clouds.Graph.Files;
using Clouds.Runtime.Native;

namespace Clouds.Cli.BuiltIn;

/// <summary>Where miniatures are unpacked to.</summary>
internal static class UnpackingPlaces
{
    /// <summary>
    /// clouds/mini in the user's folder for caches, and for a home that cannot be written one in the folder for temporary files, unless somebody else can put
    /// anything into it.
    /// </summary>
    public static IEnumerable<string> OfUser
    {
        get
        {
            if (UserCache.Folder("mini") is string cache)
            {
                yield return cache;
            }

            if (Temporary() is string folder)
            {
                yield return folder;
            }
        }
    }

    private static string? Temporary()
    {
        string folder = Path.Combine(Path.GetFullPath(Path.GetTempPath()), $"clouds-mini-{Environment.UserName}");
        try
        {
            return OperatingSystem.IsWindows() ? folder : Own(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static string? Own(string folder)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return FolderOwner.IsOursAlone(folder) ? folder : null;
    }
}
