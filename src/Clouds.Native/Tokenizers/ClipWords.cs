using System.Globalization;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace Clouds.Native.Tokenizers;

/// <summary>
/// Cuts cleaned text into the words within which byte pairs are merged, as CLIP's pattern does: start and end tokens, the English endings 's 't 're 've 'm
/// 'll 'd, runs of letters, single digits, runs of what is neither and no white space. By characters, of which some are two of .NET's.
/// </summary>
internal sealed class ClipWords : PreTokenizer
{
    /// <summary>The token before a text.</summary>
    public const string Start = "<|startoftext|>";

    /// <summary>The token behind a text.</summary>
    public const string End = "<|endoftext|>";

    private static readonly string[] Whole = [Start, End, "'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private enum Kind
    {
        Space,
        Letter,
        Digit,
        Other,
    }

    /// <summary>The words of a text.</summary>
    public static IEnumerable<string> Of(string text) => Words(text).Select(word => text.Substring(word.Offset, word.Length));

    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text) => Words(text);

    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => Words(text);

    private static List<(int Offset, int Length)> Words(ReadOnlySpan<char> text)
    {
        List<(int, int)> words = [];
        for (int at = 0; at < text.Length;)
        {
            Kind kind = KindAt(text[at..], out int length);
            int word = WholeWord(text[at..]) ?? (kind is Kind.Letter or Kind.Other ? RunLength(text[at..], kind) : length);
            if (kind != Kind.Space)
            {
                words.Add((at, word));
            }

            at += word;
        }

        return words;
    }

    private static int? WholeWord(ReadOnlySpan<char> text)
    {
        foreach (string word in Whole)
        {
            if (text.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            {
                return word.Length;
            }
        }

        return null;
    }

    private static int RunLength(ReadOnlySpan<char> text, Kind kind)
    {
        int end = 0;
        while (end < text.Length && KindAt(text[end..], out int length) == kind)
        {
            end += length;
        }

        return end;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, out int length)
    {
        Rune.DecodeFromUtf16(text, out Rune rune, out length);
        return Rune.IsWhiteSpace(rune) ? Kind.Space
            : Rune.IsLetter(rune) ? Kind.Letter
            : Rune.GetUnicodeCategory(rune) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber ? Kind.Digit
            : Kind.Other;
    }
}
