using System.Text;

namespace Clouds.Tests.Architecture;

/// <summary>One C# file as the rules see it.</summary>
/// <param name="Path">Path below the repository's root, with forward slashes.</param>
/// <param name="Text">The whole text.</param>
internal sealed record SourceFile(string Path, string Text)
{
    /// <summary>The text without comments and without the contents of strings and characters; line breaks stay.</summary>
    public string Code { get; } = Strip(Text);

    /// <summary>The folder, for instance "src/Clouds.Native/Images".</summary>
    public string Folder => Path[..Path.LastIndexOf('/')];

    /// <summary>Number of lines.</summary>
    public int Lines => Text.AsSpan().Count('\n') + (Text.EndsWith('\n') || Text.Length == 0 ? 0 : 1);

    /// <summary>Every C# file below the given folders of the checkout, build outputs and generated files left out.</summary>
    public static IReadOnlyList<SourceFile> Below(params string[] folders)
    {
        return [.. folders
            .SelectMany(folder => Directory.EnumerateFiles(System.IO.Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Select(path => System.IO.Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'))
            .Where(path => !path.Contains("/obj/") && !path.Contains("/bin/") && !path.EndsWith(".g.cs"))
            .Order(StringComparer.Ordinal)
            .Select(path => new SourceFile(path, File.ReadAllText(System.IO.Path.Combine(Repository.Root, path))))];
    }

    private static string Strip(string text)
    {
        StringBuilder code = new(text.Length);
        int i = 0;
        while (i < text.Length)
        {
            int end = SkipComment(text, i);
            end = end > i ? end : SkipLiteral(text, i);
            if (end == i)
            {
                code.Append(text[i++]);
                continue;
            }

            code.Append(' ').Append('\n', text.AsSpan(i, end - i).Count('\n'));
            i = end;
        }

        return code.ToString();
    }

    private static int SkipComment(string text, int start)
    {
        ReadOnlySpan<char> rest = text.AsSpan(start);
        return rest.StartsWith("//") ? After(text, "\n", start, -1)
            : rest.StartsWith("/*") ? After(text, "*/", start + 2, 0)
            : start;
    }

    private static int SkipLiteral(string text, int start)
    {
        if (text[start] == '\'')
        {
            return SkipQuoted(text, start, escapes: true);
        }

        int open = start;
        while (open < text.Length && text[open] is '$' or '@')
        {
            open++;
        }

        if (open >= text.Length || text[open] != '"')
        {
            return start;
        }

        int quotes = text.AsSpan(open).IndexOfAnyExcept('"');
        return quotes >= 3
            ? After(text, new string('"', quotes), open + quotes, 0)
            : SkipQuoted(text, open, escapes: !text.AsSpan(start, open - start).Contains('@'));
    }

    // In a verbatim string a doubled quote reads as one string ending and the next beginning: the same extent.
    private static int SkipQuoted(string text, int open, bool escapes)
    {
        int i = open + 1;
        while (i < text.Length && text[i] != text[open])
        {
            i += escapes && text[i] == '\\' ? 2 : 1;
        }

        return Math.Min(i + 1, text.Length);
    }

    private static int After(string text, string end, int from, int shift)
    {
        int at = text.IndexOf(end, Math.Min(from, text.Length), StringComparison.Ordinal);
        return at < 0 ? text.Length : at + end.Length + shift;
    }
}
