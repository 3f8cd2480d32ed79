using System.Text.RegularExpressions;

namespace Clouds.Tests.Architecture;

/// <summary>The Markdown files of the repository, by what can be cited: path, numbered sections, numbered habits and headings.</summary>
/// <param name="files">All of them.</param>
internal sealed partial class Documents(IEnumerable<TextFile> files)
{
    // Where a name without a folder is looked for, after the folder of the file that cites it.
    private const string Folder = "docs";

    private readonly Dictionary<string, TextFile> _byPath = files.ToDictionary(file => file.Path);

    /// <summary>The document that a file means.</summary>
    /// <param name="name">For instance "method.md" or "../README.md".</param>
    /// <param name="citing">Path of the file that has the name.</param>
    /// <returns>Its path, or null where there is none.</returns>
    public string? Find(string name, string citing)
    {
        string beside = Path.GetDirectoryName(citing)!;
        return new[] { beside, Folder, "" }.Select(folder => Below(folder, name)).FirstOrDefault(path => path is not null && _byPath.ContainsKey(path));
    }

    /// <summary>Whether a document has a section ("6.4": "### 6.4 Test-time ...") or a numbered habit ("6": "**6. Every ...").</summary>
    public bool HasSection(string path, string number) => Numbers().Matches(_byPath[path].Text).Any(match => match.Groups["number"].Value == number);

    /// <summary>Whether a document has a heading of this anchor.</summary>
    public bool HasAnchor(string path, string anchor) => Headings().Matches(_byPath[path].Text).Any(match => AnchorOf(match.Groups["title"].Value) == anchor);

    /// <summary>A relative path from a folder of the repository, or null where it leads out of it.</summary>
    public static string? Below(string folder, string relative)
    {
        string path = Path.GetRelativePath("/root", Path.GetFullPath(relative.TrimEnd('/'), Path.Combine("/root", folder)));
        return path.StartsWith("..", StringComparison.Ordinal) ? null : path;
    }

    // As GitHub makes them.
    private static string AnchorOf(string title) => NoAnchor().Replace(title.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"^(?:#{2,6} |\*\*)(?<number>\d+(?:\.\d+)*)\.? ", RegexOptions.Multiline)]
    private static partial Regex Numbers();

    [GeneratedRegex(@"^#{1,6} (?<title>.+)$", RegexOptions.Multiline)]
    private static partial Regex Headings();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchor();
}
