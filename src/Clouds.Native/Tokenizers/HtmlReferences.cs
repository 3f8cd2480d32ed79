using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Clouds.Native.Tokenizers;

/// <summary>
/// Character references as HTML 5 reads them: the longest known name where the semicolon is missing, Windows-1252 for the numbers 128 to 159, nothing for
/// numbers that are no characters. The table of names is that of the standard.
/// </summary>
internal static partial class HtmlReferences
{
    private const string Replacement = "\uFFFD";

    private const string Windows1252 = "\u20AC\u0081\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u008D\u017D\u008F"
        + "\u0090\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u009D\u017E\u0178";

    private static readonly Lazy<Dictionary<string, string>> Names = new(ReadNames);

    /// <summary>The text with every reference replaced, once.</summary>
    public static string Unescape(string text) =>
        text.Contains('&') ? Reference().Replace(text, match => Resolve(match.Groups[1].Value)) : text;

    private static string Resolve(string reference) => reference[0] == '#' ? Numbered(reference) : Named(reference);

    private static string Numbered(string reference)
    {
        bool hexadecimal = reference[1] is 'x' or 'X';
        string digits = reference[(hexadecimal ? 2 : 1)..].TrimEnd(';').TrimStart('0');
        if (digits.Length > 7)
        {
            return Replacement;
        }

        NumberStyles style = hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        int number = digits.Length == 0 ? 0 : int.Parse(digits, style, CultureInfo.InvariantCulture);
        return number switch
        {
            >= 0x80 and < 0xA0 => Windows1252[number - 0x80].ToString(),
            0 or > 0x10FFFF or (>= 0xD800 and <= 0xDFFF) => Replacement,
            '\t' or '\n' or '\f' or '\r' => ((char)number).ToString(),
            < ' ' or 0x7F or (>= 0xFDD0 and <= 0xFDEF) => "",
            _ => (number & 0xFFFE) == 0xFFFE ? "" : new Rune(number).ToString(),
        };
    }

    private static string Named(string reference)
    {
        for (int length = reference.Length; length > 1; length--)
        {
            if (Names.Value.TryGetValue(reference[..length], out string? text))
            {
                return text + reference[length..];
            }
        }

        return "&" + reference;
    }

    private static Dictionary<string, string> ReadNames()
    {
        using Stream resource = typeof(HtmlReferences).Assembly.GetManifestResourceStream("Clouds.Native.Tokenizers.html-references.tsv")!;
        using StreamReader lines = new(resource);
        return lines.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))
            .ToDictionary(line => line[0], line => Characters(line[1]), StringComparer.Ordinal);
    }

    private static string Characters(string numbers) =>
        string.Concat(numbers.Split(' ').Select(number => new Rune(int.Parse(number, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))));

    [GeneratedRegex(@"&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)")]
    private static partial Regex Reference();
}
