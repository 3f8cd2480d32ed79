using System.Text;
using System.Text.RegularExpressions;
using Clouds.Diagnostics;

namespace Clouds.Training.Datasets;

/// <summary>
/// File patterns over '/'-separated paths below a root: * is any run within one name, ? one character, ** any folders,
/// {folder} and {stem} stand for an image's folder and its name without ending.
/// </summary>
internal sealed class Glob
{
    private const int DeepestFolder = 32;
    private readonly string _root;
    private readonly string _fixed;
    private readonly Regex _expression;

    /// <summary>Prepares a pattern.</summary>
    public Glob(string root, string pattern)
    {
        _root = root;
        Pattern = pattern.Replace('\\', '/');
        int wild = Pattern.AsSpan().IndexOfAny('*', '?', '{');
        int slash = (wild < 0 ? Pattern : Pattern[..wild]).LastIndexOf('/');
        _fixed = slash < 0 ? "" : Pattern[..(slash + 1)];
        _expression = new Regex(Translate(Pattern), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    }

    /// <summary>The pattern.</summary>
    public string Pattern { get; }

    /// <summary>Whether several paths can match, placeholders aside.</summary>
    public bool HasWildcards => Pattern.AsSpan().IndexOfAny('*', '?') >= 0;

    /// <summary>The folders before the first wildcard, closing slash included, or nothing.</summary>
    public string FixedPart => _fixed;

    /// <summary>Paths relative to the root that match, in ordinal order.</summary>
    /// <exception cref="CloudsException">BadInput, where the pattern's folder is missing or unreadable.</exception>
    public IReadOnlyList<string> Files()
    {
        string folder = Path.Combine(_root, _fixed);
        if (!Directory.Exists(folder))
        {
            throw new CloudsException(Failure.BadInput, "the data set's folder does not exist", folder,
                expected: $"files like {Pattern}", next: "correct \"root\" or the pattern in the data set's JSON file");
        }

        EnumerationOptions options = new()
        {
            RecurseSubdirectories = Pattern[_fixed.Length..].Contains('/', StringComparison.Ordinal) || Pattern.Contains("**", StringComparison.Ordinal),
            MaxRecursionDepth = DeepestFolder,
            IgnoreInaccessible = false,
            AttributesToSkip = FileAttributes.None,
        };
        try
        {
            IEnumerable<string> paths = Directory.EnumerateFiles(folder, "*", options).Select(path => Path.GetRelativePath(_root, path).Replace('\\', '/'));
            return [.. paths.Where(path => _expression.IsMatch(path)).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.BadInput, "the data set's folder cannot be listed", folder, e.Message, next: "check its permissions", inner: e);
        }
    }

    /// <summary>What {folder} and {stem} stand for in a matching path; null where it does not match.</summary>
    public (string Folder, string Stem)? Match(string path)
    {
        Match match = _expression.Match(path);
        return match.Success ? (match.Groups["folder"].Value, match.Groups["stem"].Value) : null;
    }

    private static string Translate(string pattern)
    {
        StringBuilder expression = new(@"\A");
        for (int i = 0; i < pattern.Length;)
        {
            (string text, int length) = Next(pattern.AsSpan(i));
            expression.Append(text);
            i += length;
        }

        return expression.Append(@"\z").ToString();
    }

    private static (string Expression, int Length) Next(ReadOnlySpan<char> rest) => rest switch
    {
        ['*', '*', '/', ..] => ("(?:.*/)?", 3),
        ['*', '*', ..] => (".*", 2),
        ['*', ..] => ("[^/]*", 1),
        ['?', ..] => ("[^/]", 1),
        _ when rest.StartsWith("{folder}/") => ("(?:(?<folder>.*)/)?", 9),
        _ when rest.StartsWith("{stem}") => ("(?<stem>[^/]+)", 6),
        _ => (Regex.Escape(rest[..1].ToString()), 1),
    };
}
