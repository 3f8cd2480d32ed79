using System.Globalization;
using System.Text;
using Clouds.Graph.Json;
using Clouds.Diagnostics;

namespace Clouds.Native.Tokenizers;

/// <summary>A token that is found in texts before anything else happens to them.</summary>
/// <param name="Text">What it is spelled like.</param>
/// <param name="Id">Its id.</param>
/// <param name="Special">Whether it stands for no text.</param>
/// <param name="EatsLeft">Whether white space in front of it belongs to it.</param>
/// <param name="EatsRight">Whether white space behind it does.</param>
/// <param name="Alone">Whether it is one between other characters than those of words only.</param>
internal sealed record MarkToken(string Text, int Id, bool Special, bool EatsLeft, bool EatsRight, bool Alone);

/// <summary>Cuts texts at the tokens that were added to a vocabulary: the first place counts, and the longest token there.</summary>
internal sealed class MarkedText(IEnumerable<MarkToken> marks)
{
    private readonly ILookup<char, MarkToken> _marks = marks.OrderByDescending(mark => mark.Text.Length).ToLookup(mark => mark.Text[0]);

    /// <summary>The text in pieces, each a token or text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="special">Whether special tokens are looked for too.</param>
    public IEnumerable<(MarkToken? Mark, string Text)> Cut(string text, bool special)
    {
        int from = 0;
        for (int at = 0; at < text.Length; at++)
        {
            MarkToken? mark = _marks[text[at]].FirstOrDefault(mark => (special || !mark.Special) && Fits(text, at, mark));
            if (mark is null)
            {
                continue;
            }

            int start = mark.EatsLeft ? from + text[from..at].TrimEnd().Length : at;
            int end = at + mark.Text.Length;
            end += mark.EatsRight ? text.Length - end - text[end..].TrimStart().Length : 0;
            if (start > from)
            {
                yield return (null, text[from..start]);
            }

            yield return (mark, mark.Text);
            from = end;
            at = end - 1;
        }

        if (from < text.Length)
        {
            yield return (null, text[from..]);
        }
    }

    private static bool Fits(string text, int at, MarkToken mark)
    {
        int end = at + mark.Text.Length;
        return string.CompareOrdinal(text, at, mark.Text, 0, mark.Text.Length) == 0
            && (!mark.Alone || ((at == 0 || !IsOfWord(text[at - 1])) && (end == text.Length || !IsOfWord(text[end]))));
    }

    private static bool IsOfWord(char value) => char.IsLetterOrDigit(value) || value == '_';
}
