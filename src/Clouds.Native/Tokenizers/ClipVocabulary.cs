using Clouds.Diagnostics;
using Clouds.Graph.Json;

namespace Clouds.Native.Tokenizers;

/// <summary>Tokens by their text, and the pairs that are merged, first things first. Whatever file they came from, they fit each other.</summary>
internal sealed record ClipVocabulary
{
    /// <summary>What closes a word's last symbol.</summary>
    public const string WordEnd = "</w>";

    /// <summary>Most tokens that are taken: CLIP has 49,408.</summary>
    public const int MostTokens = 1 << 20;

    /// <summary>Tokens that every vocabulary has: bytes, bytes at a word's end, start and end.</summary>
    public const int FixedTokens = (2 * 256) + 2;

    private ClipVocabulary(IReadOnlyDictionary<string, int> ids, IReadOnlyList<(string First, string Second)> merges) => (Ids, Merges) = (ids, merges);

    /// <summary>Ids by token.</summary>
    public IReadOnlyDictionary<string, int> Ids { get; }

    /// <summary>Pairs of tokens that become one.</summary>
    public IReadOnlyList<(string First, string Second)> Merges { get; }

    /// <summary>Checks and keeps a vocabulary.</summary>
    /// <param name="ids">Ids by token.</param>
    /// <param name="merges">Pairs in the order in which they are merged.</param>
    /// <param name="file">Named in errors.</param>
    /// <exception cref="CloudsException">BadInput: a byte, the start or the end has no token, an id stands twice, a merge is of or to no token.</exception>
    public static ClipVocabulary Of(IReadOnlyDictionary<string, int> ids, IReadOnlyList<(string First, string Second)> merges, string file)
    {
        string[] needed = [.. ByteSymbols.All.SelectMany(symbol => new[] { $"{symbol}", symbol + WordEnd }), ClipWords.Start, ClipWords.End];
        string? missing = needed.FirstOrDefault(token => !ids.ContainsKey(token));
        if (missing is not null)
        {
            throw Damaged(file, $"no token \"{missing}\"", "a token for every byte, at a word's end and elsewhere, and for start and end");
        }

        if (ids.Values.Distinct().Count() != ids.Count)
        {
            int twice = ids.GroupBy(token => token.Value).First(group => group.Count() > 1).Key;
            throw Damaged(file, $"id {twice} for several tokens", "an id of its own for each");
        }

        foreach ((string first, string second) in merges)
        {
            if (!ids.ContainsKey(first) || !ids.ContainsKey(second) || !ids.ContainsKey(first + second))
            {
                throw Damaged(file, $"the merge of \"{first}\" and \"{second}\"", "merges of two tokens to a third");
            }
        }

        return new ClipVocabulary(ids, merges);
    }

    /// <summary>The vocabulary that a list of merges spells: bytes, bytes at a word's end, merges, start, end.</summary>
    /// <exception cref="CloudsException">BadInput.</exception>
    public static ClipVocabulary Of(IReadOnlyList<(string First, string Second)> merges, string file)
    {
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        IEnumerable<string> tokens =
        [
            .. ByteSymbols.All.Select(symbol => $"{symbol}"), .. ByteSymbols.All.Select(symbol => symbol + WordEnd),
            .. merges.Select(merge => merge.First + merge.Second), ClipWords.Start, ClipWords.End,
        ];
        foreach (string token in tokens)
        {
            if (!ids.TryAdd(token, ids.Count))
            {
                throw Damaged(file, $"the token \"{token}\" twice", "each token once");
            }
        }

        return Of(ids, merges, file);
    }

    /// <summary>The vocabulary of the pairs that texts have most often.</summary>
    /// <exception cref="CloudsException">BadInput: no pair occurs twice.</exception>
    public static ClipVocabulary Learn(IEnumerable<string> texts, int most)
    {
        IEnumerable<string> words = texts.Select(TextCleaning.Of).SelectMany(text => ClipWords.Of(text));
        BytePairLearner learner = new(words.CountBy(word => word, StringComparer.Ordinal).Select(word => (Symbols(word.Key), (long)word.Value)));
        IReadOnlyList<(string First, string Second)> merges = learner.Learn(most - FixedTokens);
        return merges.Count > 0 ? Of(merges, "learned") : throw Damaged("the texts", "no two letters beside each other twice", "texts with words");
    }

    private static IReadOnlyList<string> Symbols(string word)
    {
        string symbols = ByteSymbols.Of(word);
        return [.. symbols[..^1].Select(symbol => $"{symbol}"), symbols[^1] + WordEnd];
    }

    /// <summary>A complaint about a vocabulary's file.</summary>
    public static CloudsException Damaged(string file, string? found, string expected, Exception? inner = null) =>
        new(Failure.BadInput, "the vocabulary cannot be used", file, found, expected,
            "give CLIP's bpe_simple_vocab_16e6.txt.gz, a tokenizer.json, or a vocab.json with its merges.txt beside it", inner);

    /// <summary>How JSON files of this kind are read.</summary>
    public static JsonOrigin Origin(string file) => new("the vocabulary", file, Failure.BadInput, "fetch the file again");
}
