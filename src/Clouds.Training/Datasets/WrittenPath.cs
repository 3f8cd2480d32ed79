namespace Clouds.Training.Datasets;

/// <summary>Paths as people write them in descriptions, on any system.</summary>
internal static class WrittenPath
{
    /// <summary>
    /// The path with '/' between names, ~ in front as the home folder, and without names that are empty or a dot. Relative paths stay relative, a slash
    /// at the end stays.
    /// </summary>
    public static string Read(string text)
    {
        string path = Slashes(text);
        string home = Slashes(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));
        if (home.Length > 0 && (path == "~" || path.StartsWith("~/", StringComparison.Ordinal)))
        {
            path = home + path[1..];
        }

        string names = string.Join('/', path.Split('/').Where(name => name is not ("" or ".")));
        string start = path.StartsWith('/') ? "/" : "";
        string end = path.EndsWith('/') && names.Length > 0 ? "/" : "";
        return start + names + end;
    }

    /// <summary>'/' for every backslash.</summary>
    public static string Slashes(string text) => text.Replace('\\', '/');
}
