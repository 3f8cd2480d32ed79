using Clouds.Diagnostics;
using Clouds.Runtime.Sessions;
using Clouds.Training.Engine;

namespace Clouds.Tests.Training.Engine;

[Kind(TestKind.Fast)]
public sealed class ValidationTests : IDisposable
{
    private static readonly TrainingSettings Plain = StudentWithTeacher.Settings with { Steps = 12, CheckpointEvery = 4, KeepCheckpoints = 1 };

    private readonly EngineRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void Run_WithValidation_HasTheBitsOfARunWithout()
    {
        using EngineRun without = EngineRun.Whole(new StudentWithTeacher(), Plain);
        _run.Go(new StudentWithTeacher(), With(new Judge(), every: 3, before: true));
        Assert.Equal(without.Tensors, _run.Tensors);
        Assert.Equal(without.Numbers, _run.Numbers.Where(line => line.Contains("\"loss\"", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(5, false, new long[] { 5, 10, 12 })]
    [InlineData(6, true, new long[] { 0, 6, 12 })]
    [InlineData(100, false, new long[] { 12 })]
    public void Run_EveryNthStep_ValidatesThereAndBehindTheLast(long every, bool before, long[] steps)
    {
        Judge judge = new();
        _run.Go(new StudentWithTeacher(), With(judge, every, before));
        Assert.Equal(steps, judge.Asked);
        Assert.Equal(steps, TrainingHistory.Validations(_run.Folder.History).Select(line => line.Step));
        Assert.Equal(12, _run.History.Count);
    }

    // Validations at 2, 4, 6, ..; checkpoints at 4, 8, 12: the state has to know which validations it has behind it.
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(8)]
    public void Resume_AnywhereBetweenValidations_EndsAsAnUninterruptedRun(long stopAfter)
    {
        using EngineRun whole = EngineRun.Whole(new StudentWithTeacher(), With(new Judge(), every: 2));
        _run.Go(new StudentWithTeacher(), With(new Judge(), every: 2), stopAfter: stopAfter);
        _run.Go(new StudentWithTeacher(), With(new Judge(), every: 2), resume: true);
        Assert.Equal(whole.Checkpoint, _run.Checkpoint);
        Assert.Equal(Scores(whole), Scores(_run));
    }

    [Fact]
    public void Resume_InterruptedInAValidation_IsValidatedThere()
    {
        using EngineRun whole = EngineRun.Whole(new StudentWithTeacher(), With(new Judge(), every: 4));
        using CancellationTokenSource stop = new();
        _run.Go(new StudentWithTeacher(), With(new Judge { At = (8, stop.Cancel) }, every: 4), _ => { }, stop: stop.Token);
        Assert.Equal(8, _run.SavedStep);
        Assert.Equal([4L], TrainingHistory.Validations(_run.Folder.History).Select(line => line.Step));
        _run.Go(new StudentWithTeacher(), With(new Judge(), every: 4), resume: true);
        Assert.Equal(whole.Checkpoint, _run.Checkpoint);
        Assert.Equal(Scores(whole), Scores(_run));
    }

    [Fact]
    public void Run_ValidationThatFails_HasSavedTheStepBefore()
    {
        Judge judge = new() { At = (8, () => throw new IOException("the disk with the images is gone")) };
        Assert.Throws<IOException>(() => _run.Go(new StudentWithTeacher(), With(judge, every: 4)));
        Assert.Equal(8, _run.SavedStep);
        _run.Go(new StudentWithTeacher(), With(new Judge(), every: 4), resume: true);
        Assert.Equal([4L, 8, 12], TrainingHistory.Validations(_run.Folder.History).Select(line => line.Step));
    }

    // Scores 0.1, 0.5, 0.5, 0.4: the second is the best, one that is no better is no gain, and two without gain are enough.
    [Fact]
    public void Run_ValidationsWithoutGain_EndIt()
    {
        Judge judge = new(0.1, 0.5, 0.5, 0.4, 0.9);
        RunState end = _run.Go(new StudentWithTeacher(), With(judge, every: 2, patience: 2));
        Assert.Equal((8L, new ValidationState(8, 4, 0.5, 2)), (end.Step, end.Validation));
        Assert.Equal([true, true, false, false], TrainingHistory.Validations(_run.Folder.History).Select(line => line.Best));

        RunState again = _run.Go(new StudentWithTeacher(), With(new Judge(), every: 2, patience: 2), resume: true);
        Assert.Equal(end, again);
        RunState on = _run.Go(new StudentWithTeacher(), With(new Judge(0.2), every: 2), resume: true);
        Assert.Equal((12L, 0.5), (on.Step, on.Validation!.BestScore));
    }

    [Fact]
    public void Run_SetsWithoutAPixelToScore_AreNoGain()
    {
        RunState end = _run.Go(new StudentWithTeacher(), With(new Judge(double.NaN), every: 6));
        Assert.Equal(new ValidationState(12, null, null, 2), end.Validation);
        Assert.Equal(end.Validation, _run.Go(new StudentWithTeacher(), With(new Judge(), every: 6), resume: true).Validation);
    }

    [Fact]
    public void Progress_AfterAValidation_CarriesItsMean()
    {
        List<ProgressReport> reports = [];
        _run.Go(new StudentWithTeacher(), With(new Judge(0.25), every: 6), reports.Add);
        Assert.Equal(6, reports.Count(report => report.Metrics!.TryGetValue("mIoU", out double mean) && mean == 0.25));
    }

    private static TrainingSettings With(Judge judge, long every, bool before = false, long patience = 0)
        => Plain with { Validation = new ValidationPlan(judge, every, before, patience) };

    private static IEnumerable<(long, double?, bool)> Scores(EngineRun run)
        => TrainingHistory.Validations(run.Folder.History).Select(line => (line.Step, line.MeanIou, line.Best));

    /// <summary>Scores the parameters by their values, or as told; NaN stands for nothing.</summary>
    private sealed class Judge(params double[] scores) : IValidation
    {
        public List<long> Asked { get; } = [];

        public (long Step, Action Does)? At { get; init; }

        public ValidationLine Run(
            ParameterArena arena, long step, ValidationState? before, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
        {
            if (At?.Step == step)
            {
                At.Value.Does();
            }

            cancellation.ThrowIfCancellationRequested();
            double score = scores.Length > 0
                ? scores[Math.Min(Asked.Count, scores.Length - 1)]
                : Math.Abs(arena.Span(ArenaPart.Parameters, "network.out.weight")[0]);
            Asked.Add(step);
            double? mean = double.IsNaN(score) ? null : score;
            ValidationScore set = new("set", mean, mean, new Dictionary<string, double?> { ["road"] = mean, ["sky"] = null });
            return new ValidationLine(step, [set], mean, ValidationState.IsGain(before, mean), Seconds: 1);
        }
    }
}
