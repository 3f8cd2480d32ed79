using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Tests.Runtime.Sessions;
using Clouds.Training.Engine;

namespace Clouds.Tests.Training.Engine;

/// <summary>What the engine owes every training, shown by two that have nothing in common.</summary>
[Kind(TestKind.Fast)]
public sealed class TrainerTests
{
    private static readonly Dictionary<string, (Func<ITraining> Make, TrainingSettings Settings)> Trainings = new()
    {
        ["pair"] = (() => new ContrastivePair(), ContrastivePair.Settings),
        ["student"] = (() => new StudentWithTeacher(), StudentWithTeacher.Settings),
    };

    // Chance level: ln 128 and ln 4.
    [Theory]
    [InlineData("pair", 10)]
    [InlineData("student", 10)]
    public void Run_ToItsEnd_LowersTheLossByTheFactor(string name, double factor)
    {
        (Func<ITraining> make, TrainingSettings settings) = Trainings[name];
        using EngineRun run = EngineRun.Whole(make(), settings);
        (double first, double last) = (run.History.Take(5).Average(line => line.Loss), run.History.TakeLast(5).Average(line => line.Loss));
        Assert.True(last * factor < first, $"from {first} to {last}");
        Assert.Equal(settings.Steps, run.History.Count);
    }

    [Theory]
    [InlineData("pair")]
    [InlineData("student")]
    public void Resume_AfterAStopInTheMiddle_EndsWithTheSameBits(string name)
    {
        (Func<ITraining> make, TrainingSettings settings) = Trainings[name];
        using EngineRun whole = EngineRun.Whole(make(), settings);
        using EngineRun parts = new();
        Assert.Equal(37, parts.Go(make(), settings, stopAfter: 37).Step);
        Assert.Equal(settings.Steps, parts.Go(make(), settings, resume: true).Step);
        Assert.Equal(whole.Checkpoint, parts.Checkpoint);
        Assert.Equal(whole.Numbers, parts.Numbers);
    }

    // Nothing is saved when the source of batches breaks down: what is there is the checkpoint of step 50 and a history that has gone on.
    [Theory]
    [InlineData("pair")]
    [InlineData("student")]
    public void Resume_AfterACrash_StartsAtTheCheckpointAndEndsWithTheSameBits(string name)
    {
        (Func<ITraining> make, TrainingSettings settings) = Trainings[name];
        using EngineRun whole = EngineRun.Whole(make(), settings);
        using EngineRun parts = new();
        Assert.Throws<IOException>(() => parts.Go(new Crashing(make(), step: 61), settings));
        Assert.Equal(61, parts.History.Count);
        parts.Go(make(), settings, resume: true);
        Assert.Equal(whole.Checkpoint, parts.Checkpoint);
        Assert.Equal(whole.Numbers, parts.Numbers);
    }

    [Theory]
    [InlineData("pair")]
    [InlineData("student")]
    public void Run_OnOneThreadAndOnTwoBesideABusyOne_GivesTheSameBits(string name)
    {
        using BusyProcessor busy = new();
        (Func<ITraining> make, TrainingSettings settings) = Trainings[name];
        settings = settings with { Steps = 200 };
        using EngineRun one = EngineRun.Whole(make(), settings);
        using EngineRun two = EngineRun.Whole(make(), settings, threads: 2);
        Assert.Equal(one.Checkpoint, two.Checkpoint);
        Assert.Equal(one.Numbers, two.Numbers);
    }

    [Fact]
    public void Run_AnotherSeed_GivesOtherBits()
    {
        TrainingSettings settings = ContrastivePair.Settings with { Steps = 3 };
        using EngineRun one = EngineRun.Whole(new ContrastivePair(), settings);
        using EngineRun other = EngineRun.Whole(new ContrastivePair(), settings with { Seed = 2 });
        Assert.NotEqual(one.Numbers, other.Numbers);
    }

    [Fact]
    public void Run_GradientThatIsNeverFinite_EndsAfterTwentyStepsAndSaysSo()
    {
        using EngineRun run = new();
        Assert.Equal(10, run.Go(new Diverging(), Diverging.Settings, stopAfter: 10).Step);
        CloudsException failure = Assert.Throws<CloudsException>(() => run.Go(new Diverging(), Diverging.Settings, resume: true));
        Assert.Equal(Failure.Numeric, failure.Failure);
        Assert.Contains("20 steps in a row", failure.Found, StringComparison.Ordinal);
        Assert.Equal(19, run.History.Count);
        Assert.All(run.History, line => Assert.True(double.IsNaN(line.Loss)));
    }

    [Fact]
    public void Run_StageOnATeacherThatNobodyKeeps_IsRefusedBeforeTheFirstStep()
    {
        using EngineRun run = new();
        TrainingSettings settings = StudentWithTeacher.Settings with { Optimization = new() { LearningRate = 1 } };
        CloudsException failure = Assert.Throws<CloudsException>(() => run.Go(new StudentWithTeacher(), settings));
        Assert.Contains("Optimization.Teacher", failure.Next, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_StartWeights_AreReadFromTheirFile()
    {
        using EngineRun first = EngineRun.Whole(new ContrastivePair(), ContrastivePair.Settings with { Steps = 20 });
        TrainingSettings settings = ContrastivePair.Settings with { Steps = 1, Seed = 2 };
        using EngineRun fresh = EngineRun.Whole(new ContrastivePair(), settings);
        using EngineRun tuned = EngineRun.Whole(new ContrastivePair(), settings with { Start = [new StartWeights(first.Folder.Checkpoint, "tower.")] });
        Assert.True(tuned.History[0].Loss < 0.9 * fresh.History[0].Loss);
        Assert.Equal(fresh.History[0]["scale"], tuned.History[0]["scale"]);
    }

    private sealed class Crashing(ITraining training, long step) : ITraining
    {
        public TrainingGraph Build() => training.Build();

        public void Fill(Batch batch)
        {
            if (batch.Step == step)
            {
                throw new IOException("the disk with the images is gone");
            }

            training.Fill(batch);
        }
    }

    /// <summary>The root of a negative number.</summary>
    private sealed class Diverging : ITraining
    {
        private static readonly Port<float> Sign = new("sign", [1]);

        public static TrainingSettings Settings { get; } = new() { Steps = 100, Optimization = new() { LearningRate = 1 } };

        public TrainingGraph Build()
        {
            GraphBuilder g = new("diverging");
            return TrainingGraph.Of(g, g.Sqrt(g.Mul(g.Parameter("one", [1], Initialize.Ones), Sign.In(g))));
        }

        public void Fill(Batch batch) => batch.Of(Sign).Span[0] = -1;
    }
}
