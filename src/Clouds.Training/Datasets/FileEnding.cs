namespace Clouds.Training.Datasets;

/// <summary>
/// The convention of data sets: letters count in names, but not in the ending. "*.png" finds a.PNG, "labels/{stem}.png" finds labels/a.Png, and
/// "labels/A.png" does not find labels/a.png.
/// </summary>
internal sealed class FileEnding
{
    private readonly Dictionary<string, Dictionary<string, string>> _folders = [];

    /// <summary>A name or pattern with its ending in small letters.</summary>
    public static string Small(string path) => path[..^Path.GetExtension(path).Length] + Path.GetExtension(path).ToLowerInvariant();

    /// <summary>The file that a path means; the path itself where there is none.</summary>
    public string Find(string path)
    {
        if (File.Exists(path) || Path.GetDirectoryName(path) is not string folder)
        {
            return path;
        }

        if (!_folders.TryGetValue(folder, out Dictionary<string, string>? names))
        {
            string[] files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*", new EnumerationOptions { AttributesToSkip = 0 }) : [];
            names = files.Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal).GroupBy(Small)
                .ToDictionary(group => group.Key, group => group.First());
            _folders[folder] = names;
        }

        return names.TryGetValue(Small(Path.GetFileName(path)), out string? name) ? Path.Combine(folder, name) : path;
    }
}
