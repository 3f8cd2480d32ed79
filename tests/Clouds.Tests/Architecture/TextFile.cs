namespace Clouds.Tests.Architecture;

/// <summary>A file of text as the rules see it.</summary>
/// <param name="Path">Path below the repository's root, with forward slashes.</param>
/// <param name="Text">The whole text.</param>
internal sealed record TextFile(string Path, string Text)
{
    // Build outputs, and what is not ours.
    private static readonly string[] Left = ["bin", "obj", "artifacts", "TestResults"];

    /// <summary>The folder; empty for the root.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(Path)!;

    /// <summary>Every file of the checkout with one of the endings, hidden folders and build outputs left out.</summary>
    /// <param name="endings">For instance ".md".</param>
    public static IReadOnlyList<TextFile> All(params string[] endings)
    {
        return [.. FilesIn(new DirectoryInfo(Repository.Root))
            .Where(file => endings.Contains(file.Extension))
            .Select(file => new TextFile(System.IO.Path.GetRelativePath(Repository.Root, file.FullName).Replace('\\', '/'), File.ReadAllText(file.FullName)))
            .OrderBy(file => file.Path, StringComparer.Ordinal)];
    }

    /// <summary>Path and line of a place in the text, as compilers print it.</summary>
    public string At(int index) => $"{Path}:{Text.AsSpan(0, index).Count('\n') + 1}";

    private static IEnumerable<FileInfo> FilesIn(DirectoryInfo folder)
    {
        IEnumerable<DirectoryInfo> below = folder.EnumerateDirectories().Where(inner => inner.Name[0] != '.' && !Left.Contains(inner.Name));
        return folder.EnumerateFiles().Concat(below.SelectMany(FilesIn));
    }
}
