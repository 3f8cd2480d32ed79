namespace Clouds.Native.Tokenizers;

/// <summary>
/// Learns the merges of a byte-pair vocabulary from words (Sennrich et al. 2016, algorithm 1): the pair of neighbours that occurs most often becomes one
/// symbol, again and again. Of pairs that occur equally often the first by ordinal order is taken, so that the order of the texts does not matter.
/// </summary>
internal sealed class BytePairLearner
{
    // A pair that occurs once says nothing about other texts.
    private const long Fewest = 2;

    private readonly List<Word> _words;

    /// <param name="words">Symbols of each different word, and how often it occurs.</param>
    public BytePairLearner(IEnumerable<(IReadOnlyList<string> Symbols, long Count)> words) =>
        _words = [.. words.Select(word => new Word([.. word.Symbols], word.Count))];

    /// <summary>The merges, first things first; fewer than asked for where no pair occurs twice any more.</summary>
    /// <param name="most">Most merges.</param>
    public IReadOnlyList<(string First, string Second)> Learn(int most)
    {
        List<(string, string)> merges = [];
        while (merges.Count < most && MostFrequent() is (string first, string second))
        {
            merges.Add((first, second));
            _words.ForEach(word => word.Merge(first, second));
        }

        return merges;
    }

    private (string First, string Second)? MostFrequent()
    {
        Dictionary<(string, string), long> counts = [];
        foreach (Word word in _words)
        {
            foreach ((string First, string Second) pair in word.Symbols.Zip(word.Symbols.Skip(1)))
            {
                counts[pair] = counts.GetValueOrDefault(pair) + word.Count;
            }
        }

        long top = counts.Count > 0 ? counts.Values.Max() : 0;
        return top < Fewest ? null : counts.Where(pair => pair.Value == top).Select(pair => pair.Key)
            .OrderBy(pair => pair.Item1, StringComparer.Ordinal).ThenBy(pair => pair.Item2, StringComparer.Ordinal).First();
    }

    private sealed record Word(List<string> Symbols, long Count)
    {
        public void Merge(string first, string second)
        {
            for (int i = 0; i + 1 < Symbols.Count; i++)
            {
                if (Symbols[i] == first && Symbols[i + 1] == second)
                {
                    Symbols[i] = first + second;
                    Symbols.RemoveAt(i + 1);
                }
            }
        }
    }
}
