using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Randomness;
using Clouds.Models.Sam;
using Clouds.Tests.Graph;
using Clouds.Training.Promptable;

namespace Clouds.Tests.Training.Promptable;

/// <summary>Loss values and gradients against a plain oracle.</summary>
[Kind(TestKind.Fast)]
public sealed class PromptLossTests
{
    private const int Prompts = 5, Masks = 4, Side = 6, Pixels = Side * Side;

    // Single precision: a few hundred terms of 6e-8 each, and 20 times the focal loss.
    private const double Tolerance = 2e-5;

    public static TheoryData<PromptLossConfig> Configs =>
    [
        new PromptLossConfig(),
        new PromptLossConfig { EveryScore = false },
        new PromptLossConfig { FocalPower = 0, FocalBalance = 0.5, FocalWeight = 3, DiceWeight = 2, ScoreWeight = 0.5 },
        new PromptLossConfig { FocalPower = 1, FocalBalance = 1 },
    ];

    [Theory]
    [MemberData(nameof(Configs), DisableDiscoveryEnumeration = true)]
    public void Build_RandomAnswers_GivesTheOraclesLossAndGradients(PromptLossConfig config)
    {
        for (ulong seed = 0; seed < 4; seed++)
        {
            (PromptLossOracle oracle, double[] logits, double[] scores) = Draw(config, seed);
            Dictionary<string, TestTensor> found = Run(config, oracle, logits, scores);
            int[] best = oracle.Best(logits);
            double[,] ious = Ious(oracle, logits);
            Assert.Equal(oracle.Total(logits, scores, best, ious), found["total"].Doubles[0], Tolerance);
            AssertSlopes(logits, found["gradient of masks"].Doubles, moved => oracle.Total(moved, scores, best, ious));
            AssertSlopes(scores, found["gradient of scores"].Doubles, moved => oracle.Total(logits, moved, best, ious));
            double iou = Enumerable.Range(0, Prompts).Sum(n => oracle.Valid[n] * ious[n, best[n]]) / oracle.Count;
            Assert.Equal(iou, found["iou"].Doubles[0], Tolerance);
        }
    }

    [Fact]
    public void Build_OnlyTheMaskWithTheLowestLoss_GetsAGradient()
    {
        (PromptLossOracle oracle, double[] logits, double[] scores) = Draw(new PromptLossConfig(), seed: 9);
        double[] gradient = Run(new PromptLossConfig(), oracle, logits, scores)["gradient of masks"].Doubles;
        int[] best = oracle.Best(logits);
        for (int plane = 0; plane < Prompts * Masks; plane++)
        {
            (int n, int m) = Math.DivRem(plane, Masks);
            bool trained = oracle.Valid[n] == 1 && (m == best[n] || (m == 0 && oracle.Clear[n] == 1));
            Assert.Equal(trained, gradient.Skip(plane * Pixels).Take(Pixels).Any(slope => slope != 0));
        }
    }

    [Fact]
    public void Build_AnswerThatIsTheTarget_CostsNothing()
    {
        (PromptLossOracle oracle, _, _) = Draw(new PromptLossConfig(), seed: 2);
        double[] logits = [.. Enumerable.Range(0, Prompts * Masks * Pixels)
            .Select(i => oracle.Truth[(i / (Masks * Pixels) * Pixels) + (i % Pixels)] == 1 ? 40.0 : -40)];
        double[] scores = [.. Enumerable.Repeat(1.0, Prompts * Masks)];
        Assert.Equal(0, Run(new PromptLossConfig(), oracle, logits, scores)["total"].Doubles[0], 1e-6);
    }

    [Fact]
    public void Chosen_IsTheMaskWithTheBestScoreOfTheChoice()
    {
        (PromptLossOracle oracle, double[] logits, double[] scores) = Draw(new PromptLossConfig(), seed: 4);
        scores[0] = 100;
        float[] chosen = Run(new PromptLossConfig(), oracle, logits, scores)["chosen"].Floats;
        for (int n = 0; n < Prompts; n++)
        {
            int best = Enumerable.Range(1, Masks - 1).MaxBy(m => scores[(n * Masks) + m]);
            Assert.Equal(logits.Skip(((n * Masks) + best) * Pixels).Take(Pixels).Select(x => (float)x), chosen.Skip(n * Pixels).Take(Pixels));
        }
    }

    private static (PromptLossOracle Oracle, double[] Logits, double[] Scores) Draw(PromptLossConfig config, ulong seed)
    {
        RandomStream random = new(seed, "prompt loss");
        double[] Of(int count, Func<double> draw) => [.. Enumerable.Range(0, count).Select(_ => draw())];
        double[] inside = [.. Enumerable.Range(0, Prompts * Pixels).Select(i => i % Side < 4 ? 1.0 : 0)];
        double[] truth = [.. inside.Select((w, i) => w * (i % Pixels == 0 || random.NextBoolean() ? 1 : 0))];
        PromptLossOracle oracle = new(config, Prompts, Masks, Pixels)
        {
            Truth = truth, Inside = inside, Valid = [1, 1, 0, 1, 1], Clear = [0, 1, 1, 0, 1], Count = 4,
        };
        return (oracle, Of(Prompts * Masks * Pixels, () => (float)random.NextDouble(-4, 4)), Of(Prompts * Masks, () => (float)random.NextDouble()));
    }

    private static double[,] Ious(PromptLossOracle oracle, double[] logits)
    {
        double[,] ious = new double[Prompts, Masks];
        for (int plane = 0; plane < Prompts * Masks; plane++)
        {
            ious[plane / Masks, plane % Masks] = oracle.Iou(logits, plane / Masks, plane % Masks);
        }

        return ious;
    }

    private static Dictionary<string, TestTensor> Run(PromptLossConfig config, PromptLossOracle oracle, double[] logits, double[] scores)
    {
        GraphBuilder g = new("prompt loss");
        Value masks = g.Input("masks", ElementType.Float, [Prompts, Masks, Side, Side]);
        Value foretold = g.Input("scores", ElementType.Float, [Prompts, Masks]);
        PromptTargets targets = new(
            g.Input("truth", ElementType.Float, [Prompts, Pixels]), g.Input("inside", ElementType.Float, [Prompts, Pixels]),
            g.Input("valid", ElementType.Float, [Prompts]), g.Input("clear", ElementType.Float, [Prompts]), g.Input("count", ElementType.Float, []));
        MaskPrediction answer = new(masks, foretold);
        PromptTerms terms = new PromptLoss(config).Build(g, answer, targets);
        g.Output("total", terms.Total);
        g.Output("iou", terms.Iou);
        g.Output("chosen", PromptLoss.Chosen(g, answer));
        foreach ((string name, Value gradient) in new[] { "masks", "scores" }.Zip(Gradients.Of(g, terms.Total, [masks, foretold])))
        {
            g.Output($"gradient of {name}", gradient);
        }

        TestTensor Tensor(double[] values, params long[] sizes) => TestTensor.Of(Array.ConvertAll(values, value => (float)value), sizes);
        return GraphRun.Once(
            g, ("masks", Tensor(logits, Prompts, Masks, Side, Side)), ("scores", Tensor(scores, Prompts, Masks)),
            ("truth", Tensor(oracle.Truth, Prompts, Pixels)), ("inside", Tensor(oracle.Inside, Prompts, Pixels)),
            ("valid", Tensor(oracle.Valid, Prompts)), ("clear", Tensor(oracle.Clear, Prompts)), ("count", Tensor([oracle.Count])));
    }

    // The oracle is smooth where its choices are held, so that central differences in double precision are exact to 1e-8.
    private static void AssertSlopes(double[] values, double[] gradient, Func<double[], double> loss)
    {
        for (int i = 0; i < values.Length; i++)
        {
            double At(double step)
            {
                double[] moved = [.. values];
                moved[i] += step;
                return loss(moved);
            }

            Assert.Equal((At(1e-5) - At(-1e-5)) / 2e-5, gradient[i], Tolerance);
        }
    }
}
