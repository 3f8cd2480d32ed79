using System.Globalization;
using System.Text;

namespace Clouds.Native.Tokenizers;

/// <summary>
/// .NET's patterns see half characters beyond U+FFFF, and take none of them for a letter or a digit. For them each such character is one of the same
/// category instead; places are those of the text with stand-ins.
/// </summary>
internal static class AstralStandIns
{
    private static readonly Dictionary<UnicodeCategory, char> Stands = new()
    {
        [UnicodeCategory.UppercaseLetter] = '\u10A0', [UnicodeCategory.LowercaseLetter] = '\u0250', [UnicodeCategory.TitlecaseLetter] = '\u1F88',
        [UnicodeCategory.ModifierLetter] = '\u02B0', [UnicodeCategory.OtherLetter] = '\u01BB', [UnicodeCategory.NonSpacingMark] = '\u0591',
        [UnicodeCategory.SpacingCombiningMark] = '\u0903', [UnicodeCategory.EnclosingMark] = '\u0488', [UnicodeCategory.DecimalDigitNumber] = '\u0660',
        [UnicodeCategory.LetterNumber] = '\u16EE', [UnicodeCategory.OtherNumber] = '\u0F2A', [UnicodeCategory.OtherPunctuation] = '\u2020',
        [UnicodeCategory.DashPunctuation] = '\u2012', [UnicodeCategory.MathSymbol] = '\u2200', [UnicodeCategory.CurrencySymbol] = '\u20A0',
        [UnicodeCategory.ModifierSymbol] = '\u02C2', [UnicodeCategory.OtherSymbol] = '\u2300', [UnicodeCategory.Format] = '\u200B',
        [UnicodeCategory.PrivateUse] = '\uE000',
    };

    /// <summary>The text with stand-ins, and for each of its characters, and the end, the place in the text.</summary>
    public static (string Text, int[] Places) Of(string text)
    {
        StringBuilder standing = new(text.Length);
        List<int> places = [];
        for (int at = 0; at < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(at), out Rune rune, out int length);
            standing.Append(rune.IsBmp ? text[at] : Stands.GetValueOrDefault(Rune.GetUnicodeCategory(rune), '\uFFFF'));
            places.Add(at);
            at += length;
        }

        places.Add(text.Length);
        return (standing.ToString(), [.. places]);
    }
}
