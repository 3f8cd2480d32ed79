using System.Globalization;
using System.Text;

namespace Clouds.Native.Tokenizers;

/// <summary>
/// Unicode's full lower case, as Python's str.lower has it: beyond .NET's, a capital I with a dot becomes two characters, and a capital sigma at the end of
/// a word the final sigma.
/// </summary>
internal static class LowerCase
{
    private const int DottedCapitalI = 0x130;
    private const int CapitalSigma = 0x3A3;

    public static string Of(string text)
    {
        StringBuilder lower = new(text.Length);
        int at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            lower.Append(rune.Value switch
            {
                DottedCapitalI => "i\u0307",
                CapitalSigma => EndsWord(text, at) ? "\u03C2" : "\u03C3",
                _ => Rune.ToLowerInvariant(rune).ToString(),
            });
            at += rune.Utf16SequenceLength;
        }

        return lower.ToString();
    }

    // Unicode's Final_Sigma: a cased letter before, none behind; what is case-ignorable does not count.
    private static bool EndsWord(string text, int at)
    {
        Rune before = text[..at].EnumerateRunes().Reverse().FirstOrDefault(IsCounted);
        Rune behind = text[(at + 1)..].EnumerateRunes().FirstOrDefault(IsCounted);
        return IsCased(before) && !IsCased(behind);
    }

    private static bool IsCounted(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
        or UnicodeCategory.Format or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol)
        && rune.Value is not ('\'' or '.' or ':' or 0xB7 or 0x2019 or 0x2018 or 0x2024 or 0x2027);

    private static bool IsCased(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        || rune.Value is 0xAA or 0xBA;
}
