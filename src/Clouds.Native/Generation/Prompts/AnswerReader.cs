using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Clouds.Native.Generation.Prompts;

/// <summary>A piece of an answer that is a prompt, or was meant to be one.</summary>
/// <param name="Text">One line without marks around it.</param>
/// <param name="Cut">Whether the answer seems to have ended inside it.</param>
internal readonly record struct AnsweredPrompt(string Text, bool Cut);

/// <summary>
/// Finds the prompts in what a language model answers: numbered or not, with bullets, quotes, markdown, HTML, in a table or JSON, several on a line, with
/// talk before and behind. Each begins with "a photo of" and ends where the list's own marks say so.
/// </summary>
internal static partial class AnswerReader
{
    private static readonly HashSet<string> Abbreviations = ["ave", "blvd", "etc", "mt", "st", "vs"];

    /// <summary>Reads an answer.</summary>
    /// <param name="answer">Anything.</param>
    /// <param name="asked">How many were asked for: where there are fewer, and nothing marks the end of the last, it is taken to be cut.</param>
    /// <returns>
    /// In the order of the answer: whatever begins with "a photo of", written so and parted by single spaces, and other items of a list as they are.
    /// </returns>
    public static IReadOnlyList<AnsweredPrompt> Read(string answer, int asked)
    {
        List<AnsweredPrompt> prompts = [];
        string[] lines = [.. Plain(answer).Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
        foreach ((int number, string line) in lines.Index())
        {
            prompts.AddRange(OfLine(line, last: number == lines.Length - 1));
        }

        bool all = prompts.Count < 2 || prompts.Count >= asked;
        return all ? [.. prompts.Select(prompt => prompt with { Cut = false })] : prompts;
    }

    private static IEnumerable<AnsweredPrompt> OfLine(string line, bool last)
    {
        Match[] starts = Start().Matches(line).ToArray();
        foreach ((int i, Match start) in starts.Index())
        {
            bool followed = i < starts.Length - 1;
            int begin = start.Index + start.Length;
            string rest = line[begin..(followed ? starts[i + 1].Index : line.Length)];
            string words = Words(rest, before: start.Index == 0 ? ' ' : line[start.Index - 1], followed);
            bool open = last && !followed && words.Length > 0 && rest.EndsWith(words, StringComparison.Ordinal);
            yield return new AnsweredPrompt($"a photo of {words}".Trim(), open);
        }

        if (starts.Length == 0 && Item().Match(line) is { Success: true } item)
        {
            yield return new AnsweredPrompt(Stripped(line[item.Length..]), last && char.IsLetterOrDigit(line[^1]));
        }
    }

    /// <summary>The text behind "a photo of", up to where it ends.</summary>
    private static string Words(string rest, char before, bool followed)
    {
        int end = before == '\'' && ClosingQuote().Match(rest) is { Success: true } quote ? quote.Index : rest.Length;
        end = Ends().Matches(rest).Where(match => !IsInside(rest, match)).Select(match => match.Index).Append(end).Min();
        string words = rest[..end];
        return Stripped(followed ? NextNumber().Replace(words, "") : words);
    }

    // "6 a.m. light" and "St. Petersburg" go on behind their full stops.
    private static bool IsInside(string rest, Match end)
    {
        string word = PhraseIndex<string>.Words(rest[..end.Index]).LastOrDefault("");
        return end.Value[0] == '.' && end.Index + 1 < rest.Length && (word.Length == 1 || Abbreviations.Contains(word));
    }

    private static string Stripped(string text) => Spaces().Replace(text, " ").Trim([.. " .,;:!?…\"'-–—#()"]);

    /// <summary>The answer without what only shows how it is set: markdown, tags, escapes, curved quotes, marks that have no width.</summary>
    private static string Plain(string answer)
    {
        string text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(WebUtility.HtmlDecode(answer)));
        text = Invisible().Replace(Terminal().Replace(text, "").ReplaceLineEndings("\n"), "");
        text = text.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal);
        text = Tag().Replace(Break().Replace(text, "\n"), "");
        text = Emphasis().Replace(SingleQuote().Replace(DoubleQuote().Replace(text, "\""), "'"), "").Replace('_', ' ');
        return Blank().Replace(Wrapped().Replace(text, " "), " ");
    }

    [GeneratedRegex(@"\ba\s+photo\s+of\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Start();

    // A number, a bullet or an opening quote in front.
    [GeneratedRegex(@"^(?:(?:\(?#?\d{1,4}\s*[.):\]、．]|[-•–—▪◦·+])\s*""?|"")\s*(?=\S)", RegexOptions.CultureInvariant)]
    private static partial Regex Item();

    [GeneratedRegex(@"[.!?…](?=[\s""')\]]|$)|[;|""\[\]{}<>\t\uFFFD]|:(?=\s|$)|\s[-–—→](?=\s|$)|\s\(", RegexOptions.CultureInvariant)]
    private static partial Regex Ends();

    [GeneratedRegex(@"'(?!\p{L})", RegexOptions.CultureInvariant)]
    private static partial Regex ClosingQuote();

    [GeneratedRegex(@"[\s,;]*(?:\b(?:and|or|then)\b)?\s*(?:\(?#?\d{1,4}\s*[.):\]、．]?|[-•–—#*])?\s*[""']?\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex NextNumber();

    // A line that breaks off with such a word goes on below.
    [GeneratedRegex(@"(?<=\b(?:a|an|the|of|in|on|at|with|and|by|near)[ \t]*)\n[ \t]*(?=[\p{Ll}])", RegexOptions.CultureInvariant)]
    private static partial Regex Wrapped();

    // Colours, as terminals are told them.
    [GeneratedRegex(@"\x1B\[[0-9;]*[A-Za-z]", RegexOptions.CultureInvariant)]
    private static partial Regex Terminal();

    [GeneratedRegex(@"[\p{Cc}\p{Cf}-[\n\t]]", RegexOptions.CultureInvariant)]
    private static partial Regex Invisible();

    [GeneratedRegex(@"</?(?:br|li|ol|ul|p|tr|td|div)\b[^<>\n]*>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Break();

    [GeneratedRegex(@"</?[a-z][^<>\n]*>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Tag();

    [GeneratedRegex(@"\*+|`+|~~|_{2,}", RegexOptions.CultureInvariant)]
    private static partial Regex Emphasis();

    [GeneratedRegex("[“”„‟«»〝〞＂「」『』]")]
    private static partial Regex DoubleQuote();

    [GeneratedRegex("[‘’‚‛‹›´]")]
    private static partial Regex SingleQuote();

    [GeneratedRegex(@"[\p{Z}-[\n]]", RegexOptions.CultureInvariant)]
    private static partial Regex Blank();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
