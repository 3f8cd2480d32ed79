using Clouds.Graph.Randomness;

namespace Clouds.Training.Language;

/// <summary>
/// Texts one behind the other, cut into windows of one length without a rest between them (Brown et al. 2020, appendix B): epoch after epoch, each in an order
/// drawn from (seed, epoch), a window that begins in one epoch ending in the next. A window sees across the borders of texts, which their marks show.
/// </summary>
public sealed class PackedTexts
{
    private readonly int[][] _texts;
    private readonly ulong _seed;
    private readonly int _length;
    private readonly long _tokens;
    private (long Index, int[] Tokens) _epoch = (-1, []);

    /// <summary>Reads all texts.</summary>
    /// <param name="texts">Texts, of at least one token together.</param>
    /// <param name="length">T, tokens of a window that are answered.</param>
    /// <param name="seed">The run's seed.</param>
    public PackedTexts(ITokenizedTexts texts, int length, ulong seed)
    {
        (_seed, _length) = (seed, length);
        _texts = [.. Enumerable.Range(0, texts.Count).Select(i => texts.Tokens(i).ToArray())];
        _tokens = _texts.Sum(text => (long)text.Length);
        ArgumentOutOfRangeException.ThrowIfZero(_tokens);
    }

    /// <summary>The largest token.</summary>
    public int Largest => _texts.Max(text => text.DefaultIfEmpty().Max());

    /// <summary>A window, and the token behind each of its tokens. One thread asks.</summary>
    /// <param name="window">From 0.</param>
    /// <param name="tokens">T tokens, overwritten.</param>
    /// <param name="next">T tokens, overwritten.</param>
    public void Read(long window, Span<long> tokens, Span<long> next)
    {
        long start = window * _length;
        for (int i = 0; i < _length; i++)
        {
            tokens[i] = i == 0 ? Token(start) : next[i - 1];
            next[i] = Token(start + i + 1);
        }
    }

    private int Token(long position)
    {
        (long epoch, long place) = Math.DivRem(position, _tokens);
        if (epoch != _epoch.Index)
        {
            int[] order = new RandomStream(_seed, "texts", epoch).NextPermutation(_texts.Length);
            _epoch = (epoch, [.. order.SelectMany(text => _texts[text])]);
        }

        return _epoch.Tokens[place];
    }
}
