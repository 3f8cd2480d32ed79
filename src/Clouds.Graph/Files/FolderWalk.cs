namespace Clouds.Graph.Files;

/// <summary>
/// Lists files below a folder, links followed. The files of a real folder are listed once, under its own name where that fits, however many links
/// lead to it; so a link to a parent neither repeats files nor runs for ever. What was left out for that reason, and files with two names, are told.
/// </summary>
public sealed class FolderWalk
{
    private readonly string _folder;
    private readonly Predicate<string> _fits;
    private readonly Action<string>? _warn;
    private readonly Dictionary<string, string> _listed = [];
    private readonly Dictionary<string, string> _files = [];
    private readonly HashSet<string> _followed = [];
    private readonly Queue<(string Name, string Real, int Levels)> _folders = [];
    private readonly Queue<(string Name, string Real, int Levels)> _links = [];
    private readonly List<string> _names = [];

    private FolderWalk(string folder, Predicate<string> fits, Action<string>? warn) => (_folder, _fits, _warn) = (folder, fits, warn);

    /// <summary>Lists files.</summary>
    /// <param name="folder">Where to start.</param>
    /// <param name="fits">Whether a path below the folder, with '/' between names, is wanted.</param>
    /// <param name="levels">Folders to go down at most: 0 for the files of the folder itself.</param>
    /// <param name="warn">Told in one sentence of each folder and file that was reached by a second name; null: nobody.</param>
    /// <returns>Paths below the folder in ordinal order.</returns>
    /// <exception cref="IOException">A folder cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder may not be listed.</exception>
    public static IReadOnlyList<string> Files(string folder, Predicate<string> fits, int levels = int.MaxValue, Action<string>? warn = null)
    {
        FolderWalk walk = new(folder, fits, warn);
        walk._folders.Enqueue(("", Real(Path.GetFullPath(folder)), levels));
        while (walk._folders.TryDequeue(out (string Name, string Real, int Levels) next) || walk._links.TryDequeue(out next))
        {
            walk.Visit(next.Name, next.Real, next.Levels);
        }

        walk._names.Sort(StringComparer.Ordinal);
        return walk._names;
    }

    // A folder that listed nothing under one name may fit the pattern under another, and each link is followed once: every walk ends.
    private void Visit(string name, string real, int levels)
    {
        if (_listed.TryGetValue(real, out string? other))
        {
            _warn?.Invoke($"{Shown(name)} and {Shown(other)} are one folder: its files are taken once, under the latter");
            return;
        }

        foreach (FileSystemInfo entry in new DirectoryInfo(real).EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            string path = name.Length == 0 ? entry.Name : $"{name}/{entry.Name}";
            bool link = entry.Attributes.HasFlag(FileAttributes.ReparsePoint) && entry.LinkTarget is not null;
            if (!entry.Attributes.HasFlag(FileAttributes.Directory))
            {
                AddFile(path, entry.FullName, real, link);
            }
            else if (levels > 0 && (!link || _followed.Add(entry.FullName)))
            {
                (link ? _links : _folders).Enqueue((path, link ? Real(entry.FullName) : entry.FullName, levels - 1));
            }
        }
    }

    private void AddFile(string path, string place, string folder, bool link)
    {
        if (!_fits(path))
        {
            return;
        }

        _names.Add(path);
        _listed[folder] = path.Contains('/', StringComparison.Ordinal) ? path[..path.LastIndexOf('/')] : "";
        string real = link ? Real(place) : place;
        if (!_files.TryAdd(real, path))
        {
            _warn?.Invoke($"{Shown(_files[real])} and {Shown(path)} are one file under two names: it counts twice");
        }
    }

    private string Shown(string name) => Path.Combine(_folder, name);

    /// <summary>Where a path really leads: every link on the way is replaced by its target; one that leads nowhere stays.</summary>
    /// <param name="path">Absolute.</param>
    public static string Real(string path)
    {
        string real = Path.GetPathRoot(path)!;
        foreach (string part in path[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(real, part);
            string? target = Path.Exists(next) ? new DirectoryInfo(next).LinkTarget : null;
            real = target is null ? next : Real(Path.GetFullPath(target, real));
        }

        return real;
    }
}
