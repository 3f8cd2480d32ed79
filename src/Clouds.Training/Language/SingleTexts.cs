using Clouds.Graph.Randomness;

namespace Clouds.Training.Language;

/// <summary>
/// A text a window, cut where it is longer: a short talk is seen with its question always. What is left of a window is nothing to learn. Epoch after epoch,
/// each in an order drawn from (seed, epoch).
/// </summary>
/// <param name="texts">Texts, at least one.</param>
/// <param name="length">T, tokens of a window that are answered.</param>
/// <param name="seed">The run's seed.</param>
internal sealed class SingleTexts(IReadOnlyList<TokenizedText> texts, int length, ulong seed) : ITextWindows
{
    private (long Index, int[] Order) _epoch = (-1, []);

    public int Largest => texts.Max(text => text.Tokens.DefaultIfEmpty().Max());

    /// <summary>The most tokens that are given in a text.</summary>
    public int MostGiven => texts.Max(text => text.Given);

    public void Read(long window, Span<long> tokens, Span<long> next)
    {
        (long epoch, long place) = Math.DivRem(window, texts.Count);
        if (epoch != _epoch.Index)
        {
            _epoch = (epoch, new RandomStream(seed, "texts", epoch).NextPermutation(texts.Count));
        }

        TokenizedText text = texts[_epoch.Order[place]];
        for (int i = 0; i < length; i++)
        {
            tokens[i] = i < text.Tokens.Count ? text.Tokens[i] : 0;
            next[i] = i + 1 < text.Tokens.Count && i + 1 >= text.Given ? text.Tokens[i + 1] : ITextWindows.Given;
        }
    }
}
