namespace Clouds.Native.Generation.Prompts;

/// <summary>The tables beside this file: a row a line, cells parted by tabs, "#" in front of remarks.</summary>
internal static class WordTable
{
    /// <summary>Reads one.</summary>
    /// <param name="name">Its file name.</param>
    /// <param name="columns">Cells of each row; those that a line lacks at its end are empty.</param>
    public static IEnumerable<string[]> Read(string name, int columns)
    {
        using Stream stream = typeof(WordTable).Assembly.GetManifestResourceStream($"prompts/{name}")!;
        using StreamReader reader = new(stream);
        return [.. Rows(reader.ReadToEnd(), columns)];
    }

    /// <summary>The rows of a text.</summary>
    public static IEnumerable<string[]> Rows(string text, int columns) => text.ReplaceLineEndings("\n").Split('\n')
        .Where(line => line.Trim().Length > 0 && line[0] != '#')
        .Select(line => line.Split('\t').Select(cell => cell.Trim()).Concat(Enumerable.Repeat("", columns)).Take(columns).ToArray());
}
