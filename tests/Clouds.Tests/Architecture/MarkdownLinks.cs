using System.Text.RegularExpressions;

namespace Clouds.Tests.Architecture;

/// <summary>What Markdown files point at inside the repository: relative links with their anchors, and paths in code spans.</summary>
internal static partial class MarkdownLinks
{
    /// <summary>Every link or path, in a Markdown file, that leads nowhere.</summary>
    /// <param name="file">A Markdown file.</param>
    /// <param name="documents">All of them, for anchors.</param>
    /// <param name="exists">Whether a path below the root is a file or folder.</param>
    public static IReadOnlyList<string> Check(TextFile file, Documents documents, Func<string, bool> exists)
    {
        IEnumerable<string> links = Link().Matches(file.Text).Where(match => !Elsewhere().IsMatch(match.Groups["target"].Value))
            .SelectMany(match => CheckLink(file, match, documents, exists));
        IEnumerable<string> paths = CodePath().Matches(file.Text).Where(match => !exists(match.Groups["path"].Value.TrimEnd('/')))
            .Select(match => $"{file.At(match.Index)} -> {match.Groups["path"].Value}: there is no such file or folder");
        return [.. links, .. paths];
    }

    private static IEnumerable<string> CheckLink(TextFile file, Match match, Documents documents, Func<string, bool> exists)
    {
        string target = match.Groups["target"].Value;
        (string path, string anchor) = target.Split('#') is [string before, string after] ? (before, after) : (target, "");
        string? found = path == "" ? file.Path : Documents.Below(file.Folder, path);
        if (found is null || !exists(found))
        {
            yield return $"{file.At(match.Index)} -> {target}: there is no such file or folder";
        }
        else if (anchor != "" && !documents.HasAnchor(found, anchor))
        {
            yield return $"{file.At(match.Index)} -> {target}: {found} has no such heading";
        }
    }

    [GeneratedRegex(@"(?<!`)\[[^\]\n]*\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^(?:[a-z]+:|//)")]
    private static partial Regex Elsewhere();

    // From a folder at the root on; patterns and build outputs are none.
    [GeneratedRegex(@"`(?<path>(?:src|kernels|docs|models|tests|tools)/(?!\S*/bin/)[\w./\-]*)`")]
    private static partial Regex CodePath();
}
