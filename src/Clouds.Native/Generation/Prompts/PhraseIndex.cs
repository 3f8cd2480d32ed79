using System.Text.RegularExpressions;

namespace Clouds.Native.Generation.Prompts;

/// <summary>Finds phrases in texts: whole words in singular or plural, whatever their case, with hyphens as good as spaces; of several the longest.</summary>
/// <typeparam name="T">What a phrase stands for.</typeparam>
internal sealed partial class PhraseIndex<T>
{
    private readonly Dictionary<string, List<(string[] Words, T Meaning)>> _byLastWord = [];
    private readonly int _longest;

    /// <param name="phrases">The phrases; of two that are the same the first counts. Those without a letter or digit are never found.</param>
    public PhraseIndex(IEnumerable<(string Phrase, T Meaning)> phrases)
    {
        foreach ((string phrase, T meaning) in phrases)
        {
            if (Words(phrase) is { Length: > 0 } words)
            {
                _longest = Math.Max(_longest, words.Length);
                Plurals.Forms(words[^1]).ToList().ForEach(last => Add(last, words, meaning));
            }
        }
    }

    /// <summary>What the phrases in a text stand for, in the text's order; no word belongs to two.</summary>
    public IEnumerable<T> In(string text)
    {
        string[] words = Words(text);
        for (int start = 0; start < words.Length;)
        {
            (int length, T? meaning) = At(words, start);
            if (length > 0)
            {
                yield return meaning!;
            }

            start += Math.Max(1, length);
        }
    }

    /// <summary>Runs of letters and digits, in lower case.</summary>
    public static string[] Words(string text) => [.. Word().Matches(text.ToLowerInvariant()).Select(match => match.Value)];

    private void Add(string last, string[] words, T meaning)
    {
        if (!_byLastWord.TryGetValue(last, out List<(string[], T)>? same))
        {
            _byLastWord[last] = same = [];
        }

        same.Add((words, meaning));
    }

    private (int Length, T? Meaning) At(string[] words, int start)
    {
        for (int length = Math.Min(_longest, words.Length - start); length > 0; length--)
        {
            ReadOnlySpan<string> piece = words.AsSpan(start, length);
            foreach ((string[] phrase, T meaning) in _byLastWord.GetValueOrDefault(piece[^1], []))
            {
                if (phrase.Length == length && piece[..^1].SequenceEqual(phrase.AsSpan(0, length - 1)))
                {
                    return (length, meaning);
                }
            }
        }

        return (0, default);
    }

    [GeneratedRegex(@"[\p{L}\p{M}\p{N}]+")]
    private static partial Regex Word();
}
