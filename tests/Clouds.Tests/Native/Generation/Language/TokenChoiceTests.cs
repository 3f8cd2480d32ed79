using Clouds.Diagnostics;
using Clouds.Graph.Randomness;
using Clouds.Native.Generation.Language;

namespace Clouds.Tests.Native.Generation.Language;

/// <summary>Tokens by their scores: always the likeliest, or drawn among those that may be.</summary>
[Kind(TestKind.Fast)]
public sealed class TokenChoiceTests
{
    private static readonly float[] Scores = [0, 2, -1, 3, 2, float.MinValue / 2];

    [Fact]
    public void Next_WithoutTemperature_IsTheFirstOfTheBest()
    {
        Assert.Equal(3, Choice(AnswerOptions.Greedy).Next(Scores));
        Assert.Equal(1, Choice(AnswerOptions.Greedy).Next([0, 5, 5, 1, 0, 0]));
    }

    // Of equal scores the lower id is kept.
    [Theory]
    [InlineData(1, 1.0, new[] { 3 })]
    [InlineData(2, 1.0, new[] { 1, 3 })]
    [InlineData(3, 1.0, new[] { 1, 3, 4 })]
    [InlineData(0, 1.0, new[] { 0, 1, 2, 3, 4 })]
    [InlineData(60, 1.0, new[] { 0, 1, 2, 3, 4 })]
    [InlineData(0, 0.5, new[] { 3 })]
    [InlineData(0, 0.6, new[] { 1, 3 })]
    [InlineData(0, 0.8, new[] { 1, 3, 4 })]
    public void Next_OverAndOver_DrawsWhatMayBeDrawn(int topK, double topP, int[] expected)
    {
        TokenChoice choice = Choice(new AnswerOptions { Temperature = 1, TopK = topK, TopP = topP });
        Assert.Equal(expected, Enumerable.Range(0, 3000).Select(_ => choice.Next(Scores)).Distinct().Order());
    }

    // exp(3 / 2) : exp(2 / 2) twice : exp(0) : exp(-1 / 2), of 40,000 draws within five deviations, 0.0125.
    [Fact]
    public void Next_WithATemperature_DrawsByItsShares()
    {
        TokenChoice choice = Choice(new AnswerOptions { Temperature = 2, TopK = 0, TopP = 1 });
        const int Draws = 40_000;
        ILookup<int, int> drawn = Enumerable.Range(0, Draws).ToLookup(_ => choice.Next(Scores));
        double sum = Scores.Sum(score => Math.Exp(score / 2));
        Assert.All(Enumerable.Range(0, Scores.Length), id => Assert.Equal(Math.Exp(Scores[id] / 2) / sum, drawn[id].Count() / (double)Draws, 0.0125));
    }

    [Fact]
    public void Next_SameSeed_DrawsTheSame()
    {
        int[] Drawn(ulong seed)
        {
            TokenChoice choice = new(6, new AnswerOptions { Temperature = 5, TopK = 0, TopP = 1 }, new RandomStream(seed, "test"));
            return [.. Enumerable.Range(0, 50).Select(_ => choice.Next(Scores))];
        }

        Assert.Equal(Drawn(1), Drawn(1));
        Assert.NotEqual(Drawn(1), Drawn(2));
    }

    [Fact]
    public void Next_FewOfMany_AreTheBestOfTheSortedOnes()
    {
        RandomStream random = new(3, "scores");
        float[] scores = [.. Enumerable.Range(0, 5000).Select(_ => MathF.Round((float)random.NextNormal() * 20) / 10)];
        int[] best = [.. Enumerable.Range(0, scores.Length).OrderByDescending(id => scores[id]).ThenBy(id => id).Take(40)];
        TokenChoice choice = new(scores.Length, new AnswerOptions { Temperature = 1000, TopK = 40, TopP = 1 }, new RandomStream(1, "test"));
        Assert.Equal(best.Order(), Enumerable.Range(0, 4000).Select(_ => choice.Next(scores)).Distinct().Order());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Next_ScoreThatIsNoNumber_IsAnError(float score) => Assert.Equal(
        Failure.Numeric, Assert.Throws<CloudsException>(() => Choice(AnswerOptions.Greedy).Next([0, score, 1, 0, 0, 0])).Failure);

    private static TokenChoice Choice(AnswerOptions options) => new(6, options, new RandomStream(1, "test"));
}
