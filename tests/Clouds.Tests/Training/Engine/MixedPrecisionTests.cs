using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Training.Engine;

namespace Clouds.Tests.Training.Engine;

/// <summary>Trainings in mixed precision: the loss scale, what is skipped, and that a run goes on exactly.</summary>
[Kind(TestKind.Fast)]
public sealed class MixedPrecisionTests
{
    private static readonly TrainingSettings Mixed = ContrastivePair.Settings with { Precision = TrainingPrecision.Mixed };
    private static readonly double Thin = Math.Pow(2, 57);

    [Fact]
    public void Scale_OfAFirstStep_IsThatOfGradScaler() => Assert.Equal(new LossScale(65_536, 0, 0), new LossScale());

    [Fact]
    public void Scale_AfterASkippedStep_IsHalvedAndCountsAnew()
        => Assert.Equal(new LossScale(32_768, 0, 1), new LossScale(65_536, 1999).Next(skipped: true));

    [Fact]
    public void Scale_AfterTwoThousandGoodSteps_IsDoubled()
    {
        LossScale scale = new(1024, 0, 3);
        for (int step = 0; step < 1999; step++)
        {
            scale = scale.Next(skipped: false);
        }

        Assert.Equal(new LossScale(1024, 1999, 3), scale);
        Assert.Equal(new LossScale(2048, 0, 3), scale.Next(skipped: false));
    }

    [Fact]
    public void Scale_AtItsEnds_StaysThere()
    {
        Assert.Equal(new LossScale(1, 0, 8), new LossScale(1, 5, 7).Next(skipped: true));
        double largest = Math.Pow(2, 127);
        Assert.Equal(new LossScale(largest, 0, 7), new LossScale(largest, 1999, 7).Next(skipped: false));
    }

    [Fact]
    public void Run_InMixedPrecision_GivesLossesAndGradientsNearThoseOfSingleAndLearnsAsWell()
    {
        using EngineRun single = EngineRun.Whole(new ContrastivePair(), ContrastivePair.Settings);
        using EngineRun mixed = EngineRun.Whole(new ContrastivePair(), Mixed);
        Assert.Equal(single.History[0].Loss, mixed.History[0].Loss, 2e-3 * single.History[0].Loss);
        Assert.NotEqual(single.History[0].Loss, mixed.History[0].Loss);
        HistoryLine[] taken = [.. mixed.History.Where(line => double.IsFinite(line.GradientNorm))];
        Assert.Equal(single.History[0].GradientNorm, taken[0].GradientNorm, 0.05 * single.History[0].GradientNorm);
        Assert.True(mixed.History.TakeLast(5).Average(line => line.Loss) * 10 < mixed.History[0].Loss);
    }

    // 2 to the power of 114, times 65,536, 32,768 and 16,384, is more than any float; times 8,192 it is one. Powers of two round nothing.
    [Fact]
    public void Run_ScaleThatIsTooLarge_FallsUntilItFitsAndThenGivesTheBitsOfSinglePrecision()
    {
        using EngineRun mixed = EngineRun.Whole(new Steep(Thin), Steep.Settings with { Steps = 8 });
        Assert.Equal([65_536, 32_768, 16_384, 8192, 8192, 8192, 8192, 8192], mixed.History.Select(line => line["lossScale"]));
        string run = Checkpoint.Describe(mixed.Folder);
        Assert.Contains("\"skippedInARow\":0,\"skipped\":3,\"lossScale\":{\"factor\":8192,\"goodSteps\":5,\"skipped\":3}", run, StringComparison.Ordinal);

        using EngineRun single = EngineRun.Whole(new Steep(Thin), Steep.Settings with { Steps = 5, Precision = TrainingPrecision.Single });
        Assert.Equal(single.Tensors, mixed.Tensors);
    }

    [Fact]
    public void Run_GradientThatNoScaleMakesFit_EndsWhenTheScaleCannotFallAnyMore()
    {
        using EngineRun run = new();
        CloudsException failure = Assert.Throws<CloudsException>(() => run.Go(new Steep(Math.Pow(2, 70)), Steep.Settings));
        Assert.Equal(Failure.Numeric, failure.Failure);
        Assert.Equal(16 + 3, run.History.Count);
        Assert.Equal(1, run.History[^1]["lossScale"]);
        Assert.All(run.History, line => Assert.True(double.IsFinite(line.Loss)));
    }

    [Fact]
    public void Run_LossThatIsNotFinite_CountsAtOnce()
    {
        using EngineRun run = new();
        Assert.Throws<CloudsException>(() => run.Go(new Steep(double.PositiveInfinity), Steep.Settings));
        Assert.Equal(3, run.History.Count);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Resume_WhileAndAfterTheScaleFalls_EndsWithTheSameBits(int stop)
    {
        using EngineRun whole = EngineRun.Whole(new Steep(Thin), Steep.Settings);
        using EngineRun parts = new();
        parts.Go(new Steep(Thin), Steep.Settings, stopAfter: stop);
        parts.Go(new Steep(Thin), Steep.Settings, resume: true);
        Assert.Equal(whole.Checkpoint, parts.Checkpoint);
        Assert.Equal(whole.Numbers, parts.Numbers);
    }

    [Fact]
    public void Resume_OfAWholeNetwork_EndsWithTheSameBits()
    {
        TrainingSettings settings = StudentWithTeacher.Settings with { Precision = TrainingPrecision.Mixed };
        using EngineRun whole = EngineRun.Whole(new StudentWithTeacher(), settings);
        using EngineRun parts = new();
        parts.Go(new StudentWithTeacher(), settings, stopAfter: 37);
        parts.Go(new StudentWithTeacher(), settings, resume: true);
        Assert.Equal(whole.Checkpoint, parts.Checkpoint);
        Assert.Equal(whole.Numbers, parts.Numbers);
    }

    [Fact]
    public void Run_OnAProcessor_IsToldOnceThatItIsSlow()
    {
        List<string> told = [];
        using EngineRun run = EngineRun.Whole(new Steep(1), Steep.Settings with { Warn = told.Add });
        Assert.Single(told, sentence => sentence.Contains("mixed precision", StringComparison.Ordinal));
    }

    [Fact]
    public void Graph_InSinglePrecision_IsTheSameAndKeepsNoScale()
    {
        TrainingGraph graph = new Steep(1).Build();
        Assert.Same(graph, graph.In(TrainingPrecision.Single));
        Assert.Contains(graph.In(TrainingPrecision.Mixed).Graph.Inputs, input => input.Name == LossScale.Port.Name);
        using EngineRun run = EngineRun.Whole(new Steep(1), Steep.Settings with { Precision = TrainingPrecision.Single });
        Assert.DoesNotContain("lossScale", Checkpoint.Describe(run.Folder), StringComparison.Ordinal);
        Assert.DoesNotContain("lossScale", run.History[0].Measures.Keys);
    }

    /// <summary>
    /// The sum of a parameter that is divided by a number twice and multiplied with it twice: on its way back the gradient, 1 in the end, is the number's
    /// square. It overflows in single precision already, since processors compute many products in it whatever is asked.
    /// </summary>
    private sealed class Steep(double number) : ITraining
    {
        private static readonly Port<float> Number = new("number", [1]), Inverse = new("inverse", [1]);

        public static TrainingSettings Settings { get; } =
            new() { Steps = 30, Optimization = new() { LearningRate = 0.01 }, CheckpointEvery = 4, Precision = TrainingPrecision.Mixed };

        public TrainingGraph Build()
        {
            GraphBuilder g = new("steep");
            (Value up, Value down) = (Number.In(g), Inverse.In(g));
            Value small = g.Mul(g.Mul(g.Parameter("weight", [2, 2], Initialize.Ones), down), down);
            return TrainingGraph.Of(g, g.SumAll(g.Mul(g.Mul(small, up), up)));
        }

        public void Fill(Batch batch)
        {
            batch.Of(Number).Span[0] = (float)number;
            batch.Of(Inverse).Span[0] = (float)(1 / number);
        }
    }
}
