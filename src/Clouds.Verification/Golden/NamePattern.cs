using System.Text.RegularExpressions;

namespace Clouds.Verification.Golden;

/// <summary>Shell-like patterns: `*` any text, `?` one character; in case.json also `0..3` for a range of whole numbers.</summary>
public static partial class NamePattern
{
    public static bool Matches(string pattern, string name)
    {
        string regex = Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal);
        Match range = Range().Match(regex);
        if (range.Success && int.TryParse(range.Groups[1].Value, out int first)
            && int.TryParse(range.Groups[2].Value, out int last) && last - first is >= 0 and < 1000)
        {
            string numbers = string.Join('|', Enumerable.Range(first, last - first + 1));
            regex = regex.Replace(range.Value, $"(?:{numbers})", StringComparison.Ordinal);
        }

        return Regex.IsMatch(name, $"^(?:{regex})$", RegexOptions.CultureInvariant | RegexOptions.Singleline);
    }

    [GeneratedRegex(@"(\d+)\\\.\\\.(\d+)")]
    private static partial Regex Range();
}
