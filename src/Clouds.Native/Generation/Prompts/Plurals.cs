namespace Clouds.Native.Generation.Prompts;

/// <summary>Singular and plural of English nouns, as far as names of things in images need them.</summary>
internal static class Plurals
{
    private static readonly (string One, string Many)[] Irregular =
    [
        ("person", "people"), ("child", "children"), ("foot", "feet"), ("leaf", "leaves"), ("shelf", "shelves"), ("wolf", "wolves"), ("knife", "knives"),
        ("mouse", "mice"), ("goose", "geese"), ("tooth", "teeth"),
    ];

    private static readonly string[] Hissing = ["s", "x", "z", "ch", "sh"];

    /// <summary>A word in lower case and what its number may be changed to; some of it may be no word at all.</summary>
    public static IReadOnlySet<string> Forms(string word)
    {
        IEnumerable<string> ones = Shorter(word).Where(one => one.Length > 1 && Of(one).Contains(word));
        return new HashSet<string>([word, .. Of(word), .. ones]);
    }

    private static IEnumerable<string> Of(string one)
    {
        foreach ((_, string many) in Irregular.Where(pair => pair.One == one))
        {
            yield return many;
        }

        yield return one.EndsWith("man", StringComparison.Ordinal) ? $"{one[..^3]}men"
            : one.EndsWith('y') && one.Length > 1 && !IsVowel(one[^2]) ? $"{one[..^1]}ies"
            : Hissing.Any(end => one.EndsWith(end, StringComparison.Ordinal)) ? $"{one}es"
            : $"{one}s";
    }

    private static IEnumerable<string> Shorter(string many) =>
    [
        .. Irregular.Where(pair => pair.Many == many).Select(pair => pair.One),
        many[..^1],
        .. many.EndsWith("men", StringComparison.Ordinal) ? [$"{many[..^3]}man"] : Array.Empty<string>(),
        .. many.EndsWith("ies", StringComparison.Ordinal) ? [$"{many[..^3]}y"] : Array.Empty<string>(),
        .. many.EndsWith("es", StringComparison.Ordinal) ? [many[..^2]] : Array.Empty<string>(),
    ];

    private static bool IsVowel(char letter) => "aeiou".Contains(letter, StringComparison.Ordinal);
}
