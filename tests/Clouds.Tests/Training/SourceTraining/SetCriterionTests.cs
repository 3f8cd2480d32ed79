using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Training.SourceTraining;

namespace Clouds.Tests.Training.SourceTraining;

/// <summary>Acceptance checks 5 to 7 of the method, on small networks' outputs made by hand.</summary>
[Kind(TestKind.Fast)]
public sealed class SetCriterionTests
{
    [Fact]
    public void Points_OfThePaper_AreThoseOfPointRend()
    {
        CriterionConfig config = new();
        Assert.Equal(37_632, config.Candidates);
        Assert.Equal(9_408, config.Uncertain);
        Assert.Equal(3_136, config.Fresh);
        Assert.Equal(12_544, config.Uncertain + config.Fresh);
    }

    [Fact]
    public void Losses_OfAPerfectPrediction_Vanish()
    {
        OneImage image = new(queries: 4, classes: 3, targets: 1);
        image.Logits[(2 * 4) + 1] = 50;                                   // query 2 says class 1
        foreach (int query in new[] { 0, 1, 3 })
        {
            image.Logits[(query * 4) + 3] = 50;                           // the others say "no object"
        }

        Array.Fill(image.Masks, -50f);
        Array.Fill(image.Masks, 50f, 2 * OneImage.Pixels, OneImage.Pixels);
        image.Labels[0] = 1;
        Result result = image.Run();
        Assert.Equal(2, result.Queries[0]);
        Assert.Equal(0, result.ClassLoss, 1e-6);
        Assert.Equal(0, result.MaskLoss, 1e-6);
        Assert.Equal(0, result.DiceLoss, 1e-3);                           // the "+ 1" of numerator and denominator costs 1 / (2P + 1)
    }

    // 5 matched queries weigh 1 each, 95 unmatched ones 0.1 each.
    [Fact]
    public void ClassLoss_OfFiveTargetsAndHundredQueries_IsDividedByFourteenAndAHalf()
    {
        OneImage image = new(queries: 100, classes: 19, targets: 5);
        for (int target = 0; target < 5; target++)
        {
            image.Labels[target] = target;
        }

        Result result = image.Run();
        Assert.Equal(Math.Log(20), result.ClassLoss, 1e-5);
        long query = result.Queries[0];
        long label = image.Labels[result.Targets[0]];
        Assert.Equal((1.0 / 20 - 1) / 14.5, result.LogitGradient[(query * 20) + label], 1e-7);
        long unmatched = Enumerable.Range(0, 100).First(q => !result.Queries.Contains(q));
        Assert.Equal(0.1 * (1.0 / 20 - 1) / 14.5, result.LogitGradient[(unmatched * 20) + 19], 1e-7);
    }

    [Fact]
    public void Losses_OfAnImageWithoutTargets_AreTheNoObjectTermAlone()
    {
        OneImage image = new(queries: 4, classes: 3, targets: 0);
        Result result = image.Run();
        Assert.Equal(Math.Log(4), result.ClassLoss, 1e-6);
        Assert.Equal(0, result.MaskLoss);
        Assert.Equal(0, result.DiceLoss);
    }

    private sealed record Result(double ClassLoss, double MaskLoss, double DiceLoss, long[] Queries, long[] Targets, float[] LogitGradient);

    /// <summary>One image whose targets all cover it whole; points are drawn away from its border.</summary>
    private sealed class OneImage(int queries, int classes, int targets)
    {
        public const int Side = 16;
        public const int Pixels = Side * Side;
        private static readonly CriterionConfig Config = new() { Points = 256 };
        private readonly int _slots = Math.Max(1, targets);

        public float[] Logits { get; } = new float[queries * (classes + 1)];

        public float[] Masks { get; } = new float[queries * Pixels];

        public long[] Labels { get; } = new long[Math.Max(1, targets)];

        public Result Run()
        {
            GraphBuilder g = new("criterion");
            Value logits = g.Input("logits", ElementType.Float, [1, queries, classes + 1]);
            Value masks = g.Input("masks", ElementType.Float, [1, queries, Side, Side]);
            CriterionInputs inputs = new CriterionPorts(Config, 1, new StepShape(1, Side, Side, _slots)).In(g);
            PredictionLoss loss = new SetCriterion(Config).Build(g, logits, masks, inputs, inputs.Draws[0]);
            g.Output("ce", loss.ClassLoss);
            g.Output("mask", loss.MaskLoss);
            g.Output("dice", loss.DiceLoss);
            g.Output("queries", loss.Match.Queries);
            g.Output("matched", loss.Match.Targets);
            g.Output("gradient", Gradients.Of(g, loss.ClassLoss, [logits])[0]);
            return Run(g);
        }

        private Result Run(GraphBuilder g)
        {
            using GraphSession session = Device.Cpu.CreateSession(OnnxModel.Write(g), new SessionSettings { Threads = 1 });
            byte[] everywhere = [.. Enumerable.Repeat((byte)1, _slots * Pixels)];
            float[] valid = [.. Enumerable.Range(0, _slots).Select(slot => slot < targets ? 1f : 0f)];
            session.Bind<float>("logits", Logits, 1, queries, classes + 1);
            session.Bind<float>("masks", Masks, 1, queries, Side, Side);
            session.Bind<long>("target.labels", Labels, 1, _slots);
            session.Bind<byte>("target.masks", everywhere, 1, _slots, Side, Side);
            session.Bind<float>("target.valid", valid, 1, _slots);
            session.Bind<float>("num_masks", new float[] { Math.Max(1, targets) });
            Draw(session, "matcher", 1, Config.Points);
            Draw(session, "candidates", _slots, Config.Candidates);
            Draw(session, "fresh", _slots, Config.Fresh);
            (float[] ce, float[] mask, float[] dice) = (Scalar(session, "ce"), Scalar(session, "mask"), Scalar(session, "dice"));
            long[] found = new long[_slots];
            long[] matched = new long[_slots];
            float[] gradient = new float[Logits.Length];
            session.Bind<long>("queries", found, 1, _slots);
            session.Bind<long>("matched", matched, 1, _slots);
            session.Bind<float>("gradient", gradient, 1, queries, classes + 1);
            session.Run();
            return new Result(ce[0], mask[0], dice[0], found, matched, gradient);
        }

        private static float[] Scalar(GraphSession session, string name)
        {
            float[] value = new float[1];
            session.Bind<float>(name, value);
            return value;
        }

        private static void Draw(GraphSession session, string purpose, int rows, int points)
        {
            float[] draws = new float[rows * points * 2];
            new Clouds.Graph.Randomness.RandomStream(1, purpose).Fill(draws);
            session.Bind<float>($"draws.0.{purpose}", Array.ConvertAll(draws, draw => 0.1f + (0.8f * draw)), rows, points, 2);
        }
    }
}
