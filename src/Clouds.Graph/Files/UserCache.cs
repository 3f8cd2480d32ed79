namespace Clouds.Graph.Files;

/// <summary>Where this user's programs keep what they can make again.</summary>
public static class UserCache
{
    /// <summary>The folder for all programs: XDG_CACHE_HOME, or .cache of the home; null where this user has neither.</summary>
    public static string? Root
    {
        get
        {
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            return Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set ? set
                : home.Length > 0 ? Path.Combine(home, ".cache")
                : null;
        }
    }

    /// <summary>A folder of ours: clouds/NAME below <see cref="Root"/>; null where there is none. It need not exist.</summary>
    /// <param name="name">What it is for.</param>
    public static string? Folder(string name) => Root is string caches ? Path.Combine(caches, "clouds", name) : null;
}
