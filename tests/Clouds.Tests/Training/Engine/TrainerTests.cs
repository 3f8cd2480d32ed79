using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Tests.Runtime.Sessions;
using Clouds.Tests.Training.Tracking;
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

    [Theory]
    [InlineData("pair")]
    [InlineData("student")]
    public void Resume_AfterABatchThatFailed_GoesOnThereAndEndsWithTheSameBits(string name)
    {
        (Func<ITraining> make, TrainingSettings settings) = Trainings[name];
        using EngineRun whole = EngineRun.Whole(make(), settings);
        using EngineRun parts = new();
        Assert.Throws<IOException>(() => parts.Go(new Crashing(make(), step: 61), settings));
        Assert.Equal(61, parts.SavedStep);
        parts.Go(make(), settings, resume: true);
        Assert.Equal(whole.Checkpoint, parts.Checkpoint);
        Assert.Equal(whole.Numbers, parts.Numbers);
    }

    // The step is taken when somebody is told of it.
    [Fact]
    public void Resume_AfterAListenerThatFailed_GoesOnBehindTheStepAndEndsWithTheSameBits()
    {
        TrainingSettings settings = StudentWithTeacher.Settings;
        using EngineRun whole = EngineRun.Whole(new StudentWithTeacher(), settings);
        using EngineRun parts = new();
        Assert.Throws<IOException>(() => parts.Go(new StudentWithTeacher(), settings, report => throw new IOException("nobody listens")));
        Assert.Equal(1, parts.SavedStep);
        parts.Go(new StudentWithTeacher(), settings, resume: true);
        Assert.Equal(whole.Checkpoint, parts.Checkpoint);
        Assert.Equal(whole.Numbers, parts.Numbers);
    }

    [Fact]
    public void Resume_HistoryWithALineCutShort_IsWrittenOnWithoutIt()
    {
        using EngineRun whole = EngineRun.Whole(new StudentWithTeacher(), StudentWithTeacher.Settings);
        using EngineRun parts = new();
        parts.Go(new StudentWithTeacher(), StudentWithTeacher.Settings, stopAfter: 30);
        File.AppendAllText(parts.Folder.History, """{"step":30,"loss":0.""");
        parts.Go(new StudentWithTeacher(), StudentWithTeacher.Settings, resume: true);
        Assert.Equal(whole.Numbers, parts.Numbers);
    }

    [Fact]
    public void Resume_EventsAndHalfOfOneMore_HaveEveryStepOnceAndTheHistorysNumbers()
    {
        using EngineRun run = new();
        run.Go(new StudentWithTeacher(), StudentWithTeacher.Settings, stopAfter: 30);
        byte[] events = File.ReadAllBytes(run.Folder.Events);
        File.AppendAllBytes(run.Folder.Events, events[^60..^20]);
        run.Go(new StudentWithTeacher(), StudentWithTeacher.Settings, resume: true);
        AssertEventsAreThoseOf(run);
    }

    // A run of an older version, or a kill between the line and its event.
    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    public void Resume_EventsThatAreMissing_AreMadeFromTheHistory(int kept)
    {
        using EngineRun run = new();
        run.Go(new StudentWithTeacher(), StudentWithTeacher.Settings, stopAfter: 30);
        File.WriteAllBytes(run.Folder.Events, File.ReadAllBytes(run.Folder.Events)[..kept]);
        run.Go(new StudentWithTeacher(), StudentWithTeacher.Settings, resume: true);
        AssertEventsAreThoseOf(run);
    }

    private static void AssertEventsAreThoseOf(EngineRun run)
    {
        ReadEvent[] steps = [.. EventReader.Read(run.Folder.Events).Skip(1)];
        Assert.Equal(run.History.Select(line => line.Step + 1), steps.Select(step => step.Step));
        foreach ((ReadEvent step, HistoryLine line) in steps.Zip(run.History))
        {
            Assert.Equal(line.Numbers.Select(number => $"train/{number.Key}"), step.Numbers.Keys);
            Assert.Equal(line.Numbers.Select(number => (float)number.Value), step.Numbers.Values);
        }

        Assert.True(run.History[^1].Memory > 1 << 20);
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
    public void Run_GradientThatIsNeverFinite_EndsAfterSomeStepsInARowAndIsSaved()
    {
        using EngineRun run = new();
        CloudsException failure = Assert.Throws<CloudsException>(() => run.Go(new Diverging(), Diverging.Settings));
        Assert.Equal(Failure.Numeric, failure.Failure);
        Assert.Contains("3 steps in a row", failure.Found, StringComparison.Ordinal);
        Assert.Contains("learning rate", failure.Next, StringComparison.Ordinal);
        Assert.Equal((3, 3L), (run.History.Count, run.SavedStep));
        Assert.All(run.History, line => Assert.True(double.IsNaN(line.Loss)));
        Assert.Throws<CloudsException>(() => run.Go(new Diverging(), Diverging.Settings, resume: true));
        Assert.Equal((6, 6L), (run.History.Count, run.SavedStep));
    }

    // Few steps are left for the resumed run, and a run of nothing but skipped steps is no training.
    [Fact]
    public void Resume_ToTheEndOnSkippedStepsAlone_FailsToo()
    {
        TrainingSettings settings = Diverging.Settings with { Steps = 4 };
        using EngineRun run = new();
        Assert.Throws<CloudsException>(() => run.Go(new Diverging(), settings));
        Assert.Equal(Failure.Numeric, Assert.Throws<CloudsException>(() => run.Go(new Diverging(), settings, resume: true)).Failure);
        Assert.Equal(4, run.SavedStep);
    }

    [Theory]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.NaN)]
    [InlineData(2e19f)]
    public void Run_LossThatIsNotFiniteOrItsSquareThoughItsGradientIs_ChangesNothingAndIsCounted(float bad)
    {
        using EngineRun few = EngineRun.Whole(new Disturbed(bad, at: 2), Disturbed.Settings with { Steps = 2 });
        using EngineRun more = EngineRun.Whole(new Disturbed(bad, at: 2), Disturbed.Settings with { Steps = 3 });
        Assert.Equal(few.Tensors, more.Tensors);
        Assert.Contains("\"skipped\":1", Checkpoint.Describe(more.Folder), StringComparison.Ordinal);

        using EngineRun on = EngineRun.Whole(new Disturbed(bad, at: 2), Disturbed.Settings with { Steps = 5 });
        Assert.Contains("\"skippedInARow\":0,\"skipped\":1", Checkpoint.Describe(on.Folder), StringComparison.Ordinal);
        Assert.NotEqual(more.Tensors, on.Tensors);
    }

    [Fact]
    public void Run_ParameterThatIsNotFiniteAnyMore_KeepsTheLastCheckpointThatWasGood()
    {
        using EngineRun run = new();
        CloudsException failure = Assert.Throws<CloudsException>(() => run.Go(new Disturbed(0, at: 0), Disturbed.Overflowing));
        Assert.Equal((Failure.Numeric, "p"), (failure.Failure, failure.Where));
        Assert.InRange(run.SavedStep, 2, 20);
        Assert.Equal(run.SavedStep + 1, run.History.Count);
        Assert.All(run.Tensors, value => Assert.True(float.IsFinite(value)));
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

    /// <summary>The sum of a parameter and of something that is added at a step.</summary>
    private sealed class Disturbed(float what, long at) : ITraining
    {
        private static readonly Port<float> Added = new("added", [1]);

        public static TrainingSettings Settings { get; } = new() { Steps = 100, Optimization = new() { LearningRate = 0.1 } };

        public static TrainingSettings Overflowing { get; } = new() { Steps = 40, CheckpointEvery = 1, Optimization = new() { LearningRate = 3e37 } };

        public TrainingGraph Build()
        {
            GraphBuilder g = new("disturbed");
            Value sum = g.SumAll(g.Parameter("p", [1], Initialize.Ones));

            // A slope of one and a value of zero, however large the parameter becomes.
            return TrainingGraph.Of(g, g.Add(g.Sub(sum, g.Detach(sum)), Added.In(g)));
        }

        public void Fill(Batch batch) => batch.Of(Added).Span[0] = batch.Step == at ? what : 0;
    }
}
