using Clouds.Diagnostics;
using Clouds.Native.Tokenizers;

namespace Clouds.Tests.Native.Tokenizers;

/// <summary>Vocabularies learned from texts.</summary>
[Kind(TestKind.Fast)]
public sealed class BytePairLearnerTests
{
    // Sennrich et al. 2016, figure 1: r·, then lo, low, er· and so on; ties are ours.
    [Fact]
    public void Learn_ThePapersWords_MergesWhatOccursMostOften()
    {
        (string, long)[] words = [("low.", 5), ("lowest.", 2), ("newer.", 6), ("wider.", 3)];
        BytePairLearner learner = new(words.Select(word => ((IReadOnlyList<string>)[.. word.Item1.Select(letter => $"{letter}")], word.Item2)));
        Assert.Equal([("e", "r"), ("er", "."), ("l", "o"), ("lo", "w")], learner.Learn(4));
    }

    [Fact]
    public void Learn_PairsThatOccurOnce_AreLeft() => Assert.Empty(new BytePairLearner([(["a", "b", "c"], 1), (["d"], 9)]).Learn(10));

    [Fact]
    public void Tokenizer_LearnedWords_AreATokenEach_OthersComeBackLetterByLetter()
    {
        string[] texts = ["a bus in fog", "A bus   in snow", "a tram in fog &amp; snow", "a tram"];
        ClipTokenizer tokenizer = ClipTokenizer.Learn(texts, 600);
        Assert.Equal(4, tokenizer.Encode("a BUS in fog").Count);
        Assert.Equal("a zebra in 雪 snow ", tokenizer.Decode(tokenizer.Encode("a zebra in 雪 snow")));
        Assert.Equal((tokenizer.Count - 2, tokenizer.Count - 1), (tokenizer.Start, tokenizer.End));
        Assert.Equal(tokenizer.Encode(texts[2]), ClipTokenizer.Learn(texts.Reverse(), 600).Encode(texts[2]));
        Assert.Throws<CloudsException>(() => ClipTokenizer.Learn(["a b"], 600));
    }
}
