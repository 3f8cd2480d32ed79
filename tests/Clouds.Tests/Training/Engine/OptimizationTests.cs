using Clouds.Graph.Building;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;
using Clouds.Training.Engine;

namespace Clouds.Tests.Training.Engine;

[Kind(TestKind.Fast)]
public sealed class OptimizationTests
{
    [Fact]
    public void At_Groups_HaveTheirOwnRateAndDecay()
    {
        Optimization optimization = new()
        {
            LearningRate = 2,
            Schedule = new LearningRateSchedule(ScheduleKind.Poly, Steps: 10, Power: 1),
            Groups = [new(), new(RateMultiplier: 0.1, WeightDecay: 0.05)],
        };
        Assert.Equal([new GroupSetting(1, 0), new GroupSetting(0.1, 0.05)], optimization.At(5));
    }

    [Fact]
    public void Teacher_EveryThirdStep_MovesAfterSteps3And6Only()
    {
        MeanTeacher teacher = new(0.9, Every: 3);
        Assert.Equal([2, 5], Enumerable.Range(0, 8).Where(step => teacher.At(step) == TeacherUpdate.AfterStep));
    }

    // A constant gradient lets AdamW walk by the learning rate at every step.
    [Fact]
    public void Teacher_OfAStudentThatWalks_FollowsByTheFormula()
    {
        using Trained run = new(new() { LearningRate = 0.01, Teacher = new(Momentum: 0.9, Every: 2) }, steps: 21);
        double teacher = 1;
        for (int step = 2; step <= 21; step += 2)
        {
            teacher = (0.9 * teacher) + (0.1 * (1 - (0.01 * step)));
        }

        Assert.Equal(1 - 0.21, run.Student, 1e-5);
        Assert.Equal(teacher, run.Teacher, 1e-5);
    }

    [Fact]
    public void Groups_OfRateZero_StayWhereTheyAre()
    {
        Optimization still = new() { LearningRate = 0.1, Groups = [new(), new(RateMultiplier: 0)], GroupOf = parameter => parameter.Name == "student" ? 1 : 0 };
        using Trained run = new(still, steps: 3);
        Assert.Equal(1, run.Student);
    }

    [Fact]
    public void Rule_OfClipping_LimitsWhatAStepSees()
    {
        using Trained free = new(new() { LearningRate = 0.1, Rule = new(Epsilon: 1) }, steps: 1);
        using Trained clipped = new(new() { LearningRate = 0.1, Rule = new(ClipMode.FullModel, ClipLimit: 1e-3, Epsilon: 1) }, steps: 1);
        Assert.True(Math.Abs(1 - clipped.Student) < 0.01 * Math.Abs(1 - free.Student));
    }

    /// <summary>One number, 1 at first, whose loss is itself.</summary>
    private sealed class Trained : ITraining, IDisposable
    {
        private readonly EngineRun _run = new();
        private readonly Trainer _trainer;

        public Trained(Optimization optimization, long steps)
        {
            TrainingSettings settings = new() { Steps = steps, Optimization = optimization };
            _trainer = new Trainer(this, settings, _run.Folder, Device.Cpu, new SessionSettings { Threads = 1 });
            _trainer.Run();
        }

        public float Student => _trainer.Arena.Span(ArenaPart.Parameters, "student")[0];

        public float Teacher => _trainer.Arena.Span(ArenaPart.Teacher, "student")[0];

        public TrainingGraph Build()
        {
            GraphBuilder g = new("number");
            return TrainingGraph.Of(g, g.SumAll(g.Parameter("student", [1], Initialize.Ones)));
        }

        public void Fill(Batch batch)
        {
        }

        public void Dispose()
        {
            _trainer.Dispose();
            _run.Dispose();
        }
    }
}
