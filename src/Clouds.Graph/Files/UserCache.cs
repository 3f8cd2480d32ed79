namespace Clouds.Graph.Files;

/// <summary>Where this user's programs keep what they can make again.</summary>
public static class UserCache
{
    /// <summary>A folder of ours: clouds/NAME in XDG_CACHE_HOME, or in .cache of the home; null where this user has neither. It need not exist.</summary>
    /// <param name="name">What it is for.</param>
    public static string? Folder(string name)
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string? caches = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set ? set
            : home.Length > 0 ? Path.Combine(home, ".cache")
            : null;
        return caches is null ? null : Path.Combine(caches, "clouds", name);
    }
}
