using Clouds.Cli.Settings;
using Clouds.Training.Engine;
using Clouds.Training.SelfTraining;

namespace Clouds.Tests.Cli.Settings;

/// <summary>The paper's settings for each of its source domains (method.md sections 3.1 and 3.3).</summary>
[Kind(TestKind.Fast)]
public sealed class PresetTests
{
    public static TheoryData<string, long, double, string, double> Domains => new()
    {
        { "Gta", 40_000, 1e-5, "Constant", 2.0 },
        { "Paper", 40_000, 1e-5, "Constant", 2.0 },
        { "Synthia", 30_000, 1e-5, "Poly", 0.7 },
        { "Cityscapes", 10_000, 1e-4, "Constant", 0.2 },
    };

    [Theory]
    [MemberData(nameof(Domains))]
    public void Of_SourceDomain_HasItsStepsItsRateItsScheduleAndItsMixInBothStages(string preset, long steps, double rate, string schedule, double factor)
    {
        CloudsSettings settings = CloudsSettings.Of(Enum.Parse<Preset>(preset));
        Assert.Equal((steps, steps), (settings.Training.Steps, settings.SelfTraining.Steps));
        Assert.Equal(schedule, settings.Training.Optimizer.Schedule.ToString());
        Assert.Equal((rate, 0.0), (settings.Training.Optimizer.LearningRate, settings.SelfTraining.LearningRate));
        Assert.Equal((MixMode.RepeatFactor, factor), (settings.SelfTraining.Mix.Mode, settings.SelfTraining.Mix.TargetFactor));
        TeacherConfig teacher = settings.SelfTraining.Teacher;
        Assert.Equal((0.999, 100, false), (teacher.Momentum, teacher.Interval, teacher.WarmUp));
        Assert.Equal((8, 0.05, 0.01, true), (settings.Training.Batch, settings.Training.Optimizer.WeightDecay, settings.Training.Optimizer.ClipNorm,
            settings.SelfTraining.Refine));
    }

    // Acceptance check 8 of the method.
    [Fact]
    public void Synthia_AtHalfTime_HasTheRateTimesAHalfToThePowerOfNineTenths()
    {
        CloudsSettings settings = CloudsSettings.Of(Preset.Synthia);
        LearningRateSchedule schedule = new(settings.Training.Optimizer.Schedule, settings.SelfTraining.Steps, settings.Training.Optimizer.Power);
        Assert.Equal(0.536, schedule.Factor(15_000), 5e-4);
    }

    [Fact]
    public void Over_StageOne_TakesWhatStageTwoDoesNotSay()
    {
        SelfTrainingConfig self = new() { Steps = 7, LearningRate = 3e-4 };
        Clouds.Training.SourceTraining.SourceTrainingConfig both = self.Over(
            new() { Seed = 5, Batch = 3, Encoder = new() { Weights = "encoder" } }, "model");
        Assert.Equal((7L, 3e-4, 5L, 3, "model", ""), (both.Steps, both.Optimizer.LearningRate, both.Seed, both.Batch, both.From, both.Encoder.Weights));
    }
}
