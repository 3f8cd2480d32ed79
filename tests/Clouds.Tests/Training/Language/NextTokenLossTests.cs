using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Randomness;
using Clouds.Tests.Graph;
using Clouds.Training.Language;

namespace Clouds.Tests.Training.Language;

/// <summary>Loss values and gradients against a plain computation.</summary>
[Kind(TestKind.Fast)]
public sealed class NextTokenLossTests
{
    private const int Windows = 2, Length = 4, Vocabulary = 7, Tokens = Windows * Length;

    private static readonly long[] Next = [3, 0, 6, 6, 1, 5, 2, 0];

    // Single precision: eight terms of a logarithm that is right to 1e-6.
    private const double Tolerance = 2e-6;

    [Fact]
    public void Build_RandomLogits_GivesTheMeanOfMinusTheLogarithmsAndItsGradient()
    {
        RandomStream random = new(3, "next token loss");
        double[] logits = [.. Enumerable.Range(0, Tokens * Vocabulary).Select(_ => (double)(float)random.NextDouble(-4, 4))];
        Dictionary<string, TestTensor> found = Run(logits);
        Assert.Equal(Loss(logits), found["loss"].Doubles[0], Tolerance);
        Slopes.Assert(logits, found["gradient"].Doubles, Loss, Tolerance);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 0.75)]
    [InlineData(8, 0)]
    public void Found_IsTheShareOfTokensWithTheLargestLogit(int wrong, double share)
    {
        double[] logits = [.. Enumerable.Range(0, Tokens * Vocabulary).Select(i =>
            i % Vocabulary == (Next[i / Vocabulary] + (i / Vocabulary < wrong ? 1 : 0)) % Vocabulary ? 9.0 : 0)];
        Assert.Equal(share, Run(logits)["found"].Doubles[0], 1e-6);
    }

    [Theory]
    [InlineData(new long[] { 3, -1, 6, 6, -1, -1, 2, 0 })]
    [InlineData(new long[] { -1, -1, -1, -1, -1, 5, -1, -1 })]
    [InlineData(new long[] { -1, -1, -1, -1, -1, -1, -1, -1 })]
    public void Build_TokensThatAreGiven_CountNothing(long[] next)
    {
        RandomStream random = new(4, "next token loss");
        double[] logits = [.. Enumerable.Range(0, Tokens * Vocabulary).Select(_ => (double)(float)random.NextDouble(-4, 4))];
        Dictionary<string, TestTensor> found = Run(logits, next);
        Assert.Equal(Loss(logits, next), found["loss"].Doubles[0], Tolerance);
        Slopes.Assert(logits, found["gradient"].Doubles, values => Loss(values, next), Tolerance);
    }

    private static double Loss(double[] logits) => Loss(logits, Next);

    private static double Loss(double[] logits, long[] next) => Enumerable.Range(0, Tokens).Where(token => next[token] >= 0).Select(token =>
    {
        double[] row = logits[(token * Vocabulary)..((token + 1) * Vocabulary)];
        return Math.Log(row.Sum(Math.Exp)) - row[next[token]];
    }).DefaultIfEmpty().Average();

    private static Dictionary<string, TestTensor> Run(double[] logits, long[]? next = null)
    {
        GraphBuilder g = new("next token loss");
        Value x = g.Input("logits", ElementType.Float, [Windows, Length, Vocabulary]);
        NextTokenTerms terms = NextTokenLoss.Build(g, x, g.Input("next", ElementType.Int64, [Windows, Length]));
        g.Output("loss", terms.Total);
        g.Output("found", terms.Found);
        g.Output("gradient", Gradients.Of(g, terms.Total, [x])[0]);
        return GraphRun.Once(g, ("logits", TestTensor.Of(Array.ConvertAll(logits, value => (float)value), Windows, Length, Vocabulary)),
            ("next", TestTensor.OfIntegers(next ?? Next, Windows, Length)));
    }
}
