using Clouds.Graph.Randomness;

namespace Clouds.Training.Language;

/// <summary>
/// Texts one behind the other, cut into windows of one length without a rest between them (Brown et al. 2020, appendix B): epoch after epoch, each in an order
/// drawn from (seed, epoch), a window that begins in one epoch ending in the next. A window sees across the borders of texts, which their marks show.
/// </summary>
internal sealed class PackedTexts : ITextWindows
{
    private readonly TokenizedText[] _texts;
    private readonly ulong _seed;
    private readonly int _length;
    private readonly long _tokens;
    private (long Index, (int Token, bool Given)[] Tokens) _epoch = (-1, []);

    /// <param name="texts">Texts, of at least one token together.</param>
    /// <param name="length">T, tokens of a window that are answered.</param>
    /// <param name="seed">The run's seed.</param>
    public PackedTexts(IReadOnlyList<TokenizedText> texts, int length, ulong seed)
    {
        (_texts, _seed, _length) = ([.. texts], seed, length);
        _tokens = _texts.Sum(text => (long)text.Tokens.Count);
        ArgumentOutOfRangeException.ThrowIfZero(_tokens);
    }

    public int Largest => _texts.Max(text => text.Tokens.DefaultIfEmpty().Max());

    public void Read(long window, Span<long> tokens, Span<long> next)
    {
        long start = window * _length;
        for (int i = 0; i < _length; i++)
        {
            tokens[i] = At(start + i).Token;
            (int token, bool given) = At(start + i + 1);
            next[i] = given ? ITextWindows.Given : token;
        }
    }

    private (int Token, bool Given) At(long position)
    {
        (long epoch, long place) = Math.DivRem(position, _tokens);
        if (epoch != _epoch.Index)
        {
            int[] order = new RandomStream(_seed, "texts", epoch).NextPermutation(_texts.Length);
            _epoch = (epoch, [.. order.SelectMany(text => _texts[text].Tokens.Select((token, i) => (token, i < _texts[text].Given)))]);
        }

        return _epoch.Tokens[place];
    }
}
