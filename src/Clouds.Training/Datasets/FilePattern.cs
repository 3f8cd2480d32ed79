using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Microsoft.Extensions.FileSystemGlobbing;

namespace Clouds.Training.Datasets;

/// <summary>
/// A pattern of paths below a root, or absolute: * is any run within one name, ** any folders; {folder}/ and {stem} stand for an image's folder
/// and its name without ending, in a listing for any folders and any run. Written as <see cref="WrittenPath"/> and <see cref="FileEnding"/> have it.
/// </summary>
internal sealed class FilePattern
{
    private readonly string _root;
    private readonly Matcher _matcher;
    private readonly int _levels;

    /// <summary>Prepares a pattern.</summary>
    /// <exception cref="CloudsException">Usage, where it has a part that is not understood.</exception>
    public FilePattern(string root, string pattern)
    {
        _root = root;
        Text = WrittenPath.Read(pattern);
        string[] names = Text.TrimStart('/').Split('/');
        if ((names.Select(Fault).FirstOrDefault(fault => fault is not null) ?? FaultBehindStem(names)) is string fault)
        {
            throw Unreadable(fault);
        }

        int wild = Text.AsSpan().IndexOfAny('*', '{');
        FixedPart = Text[..((wild < 0 ? Text : Text[..wild]).LastIndexOf('/') + 1)];
        string wildPart = Text[FixedPart.Length..].Replace("{folder}/", "**/", StringComparison.Ordinal).Replace("{stem}", "*", StringComparison.Ordinal);
        _levels = wildPart.Contains("**", StringComparison.Ordinal) ? int.MaxValue : wildPart.Count(letter => letter == '/');
        _matcher = For(wildPart);
    }

    /// <summary>The pattern.</summary>
    public string Text { get; }

    /// <summary>Whether several paths can match, placeholders aside.</summary>
    public bool HasWildcards => Text.Contains('*', StringComparison.Ordinal);

    /// <summary>The folders before the first wildcard, closing slash included, or nothing.</summary>
    public string FixedPart { get; }

    /// <summary>Paths relative to the root that match, in ordinal order; of a folder that links give several names, under one of them.</summary>
    /// <param name="warn">Told of what has several names; null: nobody.</param>
    /// <param name="passedOver">Filled with the names of images that do not fit, of formats that are not read; null: nobody wants them.</param>
    /// <exception cref="CloudsException">BadInput, where the pattern's folder is missing or unreadable.</exception>
    public IReadOnlyList<string> Files(Action<string>? warn = null, ICollection<string>? passedOver = null)
    {
        string folder = Path.Combine(_root, FixedPart);
        if (!Directory.Exists(folder))
        {
            throw new CloudsException(Failure.BadInput, "the data set's folder does not exist", folder,
                expected: $"files like {Text}", next: "correct \"root\" or the pattern in the data set's JSON file");
        }

        try
        {
            return [.. FolderWalk.Files(folder, Fits, _levels, warn).Select(path => FixedPart + path)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.BadInput, "the data set's folder cannot be listed", folder, e.Message, next: "check its permissions", inner: e);
        }

        bool Fits(string path)
        {
            bool fits = Matches(_matcher, path);
            if (!fits && UnreadImages.Is(path))
            {
                passedOver?.Add(path);
            }

            return fits;
        }
    }

    /// <summary>Whether one of <see cref="Files"/> also fits the pattern with its placeholders filled in.</summary>
    public bool Fits(string path, string filled) => Matches(For(filled[FixedPart.Length..]), path[FixedPart.Length..]);

    private static bool Matches(Matcher matcher, string path) => matcher.Match("/", FileEnding.Small(path)).HasMatches;

    private Matcher For(string pattern)
    {
        try
        {
            return new Matcher(StringComparison.Ordinal).AddInclude(FileEnding.Small(pattern));
        }
        catch (ArgumentException e)
        {
            throw Unreadable(e.Message);
        }
    }

    private static string? Fault(string name) => name switch
    {
        "" => "no name",
        _ when name.Contains('?', StringComparison.Ordinal) => $"a ? in \"{name}\"",
        _ when name.Contains("**", StringComparison.Ordinal) && name != "**" && !name.StartsWith("**.", StringComparison.Ordinal) => $"** inside \"{name}\"",
        _ when name.Contains("{stem}", StringComparison.Ordinal) && name.Contains('*', StringComparison.Ordinal) => $"a * beside {{stem}} in \"{name}\"",
        _ => null,
    };

    // The name that holds the stem is counted from the end of a path.
    private static string? FaultBehindStem(string[] names)
    {
        IEnumerable<string> behind = names.SkipWhile(name => !name.Contains("{stem}", StringComparison.Ordinal));
        string? any = behind.FirstOrDefault(name => name.StartsWith("**", StringComparison.Ordinal) || name == "{folder}");
        return any is null ? null : $"{any} behind {{stem}}";
    }

    private CloudsException Unreadable(string found) => new(Failure.Usage, "a file pattern is not understood", Text, found,
        "names with * in them, ** for any folders, {folder}/ and {stem}", "correct the pattern in the data set's JSON file");
}
