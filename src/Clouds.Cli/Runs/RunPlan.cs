using Clouds.Cli.Commands;
using Clouds.Diagnostics;
using Clouds.Training.SelfTraining;

namespace Clouds.Cli.Runs;

/// <summary>The steps of a whole run, of one stage or of both.</summary>
internal sealed class RunPlan(TrainingRun run)
{
    private static readonly string SecondStage = $"stage {StagedRun.Self}";

    private readonly long _first = run.Stages?.Stages.Contains(StagedRun.Source) == false ? 0 : run.Settings.Training.Steps;
    private readonly long _second = run.Stages?.Stages.Contains(StagedRun.Self) == true ? run.Settings.SelfTraining.Steps : 0;

    /// <summary>A training step's report, with how far the run has come.</summary>
    public ProgressReport Within(ProgressReport step)
    {
        if (step.Metrics?.ContainsKey("loss") != true)
        {
            return step;
        }

        long before = step.Stage.StartsWith(SecondStage, StringComparison.Ordinal) ? _first : 0;
        return new ProgressReport(step.Stage, step.Done, step.Total, step.Metrics) { Whole = new ProgressReport("run", before + step.Done, _first + _second) };
    }
}
