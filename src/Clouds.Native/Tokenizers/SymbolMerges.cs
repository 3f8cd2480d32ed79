namespace Clouds.Native.Tokenizers;

/// <summary>A run of a text's characters that is to be one token, or a part of one.</summary>
/// <param name="Start">First character.</param>
/// <param name="Length">Characters.</param>
/// <param name="Id">Its token; -1: none.</param>
internal readonly record struct Symbol(int Start, int Length, int Id);

/// <summary>Says which neighbours may become one symbol.</summary>
internal interface IMergeRule
{
    /// <summary>What two neighbours become; false: they stay apart.</summary>
    /// <param name="text">The text that they are of.</param>
    /// <param name="left">First.</param>
    /// <param name="right">Second.</param>
    /// <param name="cost">Cheaper pairs are merged earlier.</param>
    /// <param name="id">The token that they become.</param>
    bool Find(ReadOnlySpan<char> text, Symbol left, Symbol right, out double cost, out int id);
}

/// <summary>
/// Byte-pair encoding (Sennrich et al. 2016) as SentencePiece and Hugging Face's tokenizers do it: of all neighbours the cheapest become one, of equals the
/// leftmost, until none is left. Takes n log n steps.
/// </summary>
internal static class SymbolMerges
{
    private const int None = -1;

    /// <summary>Merges a text's symbols.</summary>
    /// <param name="text">The text.</param>
    /// <param name="symbols">Its symbols in their order; changed.</param>
    /// <param name="rule">What may be merged.</param>
    /// <returns>The symbols that are left.</returns>
    public static IEnumerable<Symbol> Apply(string text, List<Symbol> symbols, IMergeRule rule)
    {
        int[] before = [.. Enumerable.Range(-1, symbols.Count)];
        int[] behind = [.. Enumerable.Range(1, symbols.Count)];
        if (symbols.Count > 0)
        {
            behind[^1] = None;
        }

        PriorityQueue<Pair, (double Cost, int Left)> open = new();
        for (int i = 1; i < symbols.Count; i++)
        {
            Offer(i - 1, i);
        }

        while (open.TryDequeue(out Pair pair, out _))
        {
            // A symbol that was merged since has another length, or none.
            if (symbols[pair.Left].Length != pair.LeftLength || symbols[pair.Right].Length != pair.RightLength)
            {
                continue;
            }

            symbols[pair.Left] = new Symbol(symbols[pair.Left].Start, pair.LeftLength + pair.RightLength, pair.Id);
            symbols[pair.Right] = default;
            behind[pair.Left] = behind[pair.Right];
            if (behind[pair.Left] != None)
            {
                before[behind[pair.Left]] = pair.Left;
            }

            Offer(before[pair.Left], pair.Left);
            Offer(pair.Left, behind[pair.Left]);
        }

        return symbols.Where(symbol => symbol.Length > 0);

        void Offer(int left, int right)
        {
            if (left != None && right != None && rule.Find(text, symbols[left], symbols[right], out double cost, out int id))
            {
                open.Enqueue(new Pair(left, right, symbols[left].Length, symbols[right].Length, id), (cost, left));
            }
        }
    }

    private readonly record struct Pair(int Left, int Right, int LeftLength, int RightLength, int Id);
}
