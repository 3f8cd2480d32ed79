using Clouds.Training.Language;

namespace Clouds.Tests.Training.Language;

/// <summary>Windows over texts of several lengths.</summary>
[Kind(TestKind.Fast)]
public sealed class PackedTextsTests
{
    private static readonly int[][] Texts = [[1, 10, 2], [1, 20, 24, 22, 2], [1, 2], [1, 30, 33, 2]];

    [Fact]
    public void Read_WindowsInTurn_AreTheTextsWithoutGapInWholeEpochs()
    {
        const int Length = 7, Epochs = 7;
        List<long> all = [];
        for (int window = 0; window < 2 * Epochs; window++)
        {
            (long[] tokens, long[] next) = Read(Length, window);
            Assert.Equal(tokens[1..], next[..^1]);
            Assert.True(window == 0 || all[^1] == tokens[0]);
            all.AddRange(window == 0 ? [tokens[0], .. next] : next);
        }

        // 14 tokens an epoch: two windows, and behind the last one the first token of the next epoch.
        string Text(IEnumerable<long> tokens) => string.Join(' ', tokens);
        string[] epochs = [.. all.SkipLast(1).Chunk(14).Select(Text)];
        Assert.All(epochs, epoch => Assert.Equal(
            Texts.Select(text => Text(text.Select(token => (long)token))).Order(),
            epoch.Split("1 ", StringSplitOptions.RemoveEmptyEntries).Select(text => $"1 {text.Trim()}").Order()));
        Assert.True(epochs.Distinct().Count() > 1, "every epoch has the same order");
    }

    [Fact]
    public void Read_AnyWindowFirst_GivesWhatItGivesInTurn()
    {
        PackedTexts packed = Packed(5);
        (long[] tokens, long[] next) = (new long[5], new long[5]);
        for (int window = 0; window <= 9; window++)
        {
            packed.Read(window, tokens, next);
        }

        Assert.Equal(Read(5, 9).Tokens, tokens);
        Assert.Equal(Read(5, 9).Next, next);
    }

    [Fact]
    public void Read_WindowLongerThanAllTexts_GoesOnInTheNextEpochs()
    {
        (long[] tokens, _) = Read(40, 0);
        Assert.Equal(11, tokens.Count(token => token == 1), 1.0);
    }

    private static PackedTexts Packed(int length) =>
        new(new TokenizedTexts("texts", ["0", "1", "2", "3"], text => Texts[text[0] - '0']), length, seed: 3);

    private static (long[] Tokens, long[] Next) Read(int length, long window)
    {
        (long[] tokens, long[] next) = (new long[length], new long[length]);
        Packed(length).Read(window, tokens, next);
        return (tokens, next);
    }
}
