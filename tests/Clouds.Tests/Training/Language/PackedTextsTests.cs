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

    [Fact]
    public void Read_WhatIsGiven_IsSeenAndNotToBeForetold()
    {
        PackedTexts packed = new([new TokenizedText([1, 7, 8, 2], Given: 2)], length: 4, seed: 3);
        (long[] tokens, long[] next) = (new long[4], new long[4]);
        packed.Read(0, tokens, next);
        Assert.Equal([1, 7, 8, 2], tokens);
        Assert.Equal([-1, 8, 2, -1], next);
    }

    [Fact]
    public void Read_ATextAWindow_BeginsWithItsQuestionAndEndsInNothing()
    {
        TokenizedText[] texts = [new([1, 7, 8, 9, 2], Given: 3), new([1, 5, 2])];
        SingleTexts single = new(texts, length: 4, seed: 3);
        List<(string Tokens, string Next)> read = [];
        for (int window = 0; window < 4; window++)
        {
            (long[] tokens, long[] next) = (new long[4], new long[4]);
            single.Read(window, tokens, next);
            read.Add((string.Join(' ', tokens), string.Join(' ', next)));
        }

        (string, string)[] epoch = [("1 5 2 0", "5 2 -1 -1"), ("1 7 8 9", "-1 -1 9 2")];
        Assert.Equal(epoch, read[..2].Order());
        Assert.Equal(epoch, read[2..].Order());
        Assert.Equal((9, 3), (single.Largest, single.MostGiven));
    }

    private static PackedTexts Packed(int length) => new([.. Texts.Select(text => new TokenizedText(text))], length, seed: 3);

    private static (long[] Tokens, long[] Next) Read(int length, long window)
    {
        (long[] tokens, long[] next) = (new long[length], new long[length]);
        Packed(length).Read(window, tokens, next);
        return (tokens, next);
    }
}
