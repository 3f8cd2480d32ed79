namespace Clouds.Training.Datasets;

/// <summary>The samples of a set, found by what people and list files write: the name, with or without ending, also as a path from further up.</summary>
internal sealed class SampleNames(IEnumerable<string> names)
{
    private readonly HashSet<string> _names = [.. names];

    /// <summary>The names.</summary>
    public IReadOnlyCollection<string> All => _names;

    /// <summary>The sample that a text means; null: none. Of a line with several columns the first counts.</summary>
    public string? Find(string written) => Spellings(WrittenPath.Slashes(written.Trim())).FirstOrDefault(_names.Contains);

    private static IEnumerable<string> Spellings(string line)
    {
        foreach (string path in (string[])[line, line.Split([' ', '\t', ','])[0]])
        {
            for (string rest = path.TrimStart('.', '/'); ; rest = rest[(rest.IndexOf('/', StringComparison.Ordinal) + 1)..])
            {
                yield return rest;
                yield return rest[..^Path.GetExtension(rest).Length];
                if (!rest.Contains('/', StringComparison.Ordinal))
                {
                    break;
                }
            }
        }
    }
}
