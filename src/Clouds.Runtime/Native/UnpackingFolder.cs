namespace Clouds.Runtime.Native;

/// <summary>Where the one-file executable keeps what it unpacked, from one start to the next.</summary>
internal static class UnpackingFolder
{
    private const UnixFileMode OursAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The folder, made where it is missing.</summary>
    /// <param name="build">Tells builds of the program apart.</param>
    /// <returns>A folder that nobody else can have put anything into; null where there is no such folder.</returns>
    public static string? Of(Guid build)
    {
        try
        {
            if (OperatingSystem.IsWindows() || Base() is not string folder || !Directory.Exists(Path.GetDirectoryName(folder)))
            {
                return null;
            }

            string path = Path.Combine(folder, "clouds", build.ToString("N"));
            Directory.CreateDirectory(path, OursAlone);
            return FolderOwner.IsOursAlone(path) ? path : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static string? Base()
    {
        string? named = Environment.GetEnvironmentVariable(CarriedLibraries.FolderVariable);
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return !string.IsNullOrEmpty(named) ? Path.GetFullPath(named) : home.Length > 0 ? Path.Combine(home, ".net") : null;
    }
}
