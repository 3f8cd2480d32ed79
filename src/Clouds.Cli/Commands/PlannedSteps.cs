using System.Globalization;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Training.Engine;
using Clouds.Training.SelfTraining;
using Clouds.Training.SourceTraining;

namespace Clouds.Cli.Commands;

/// <summary>
/// The steps of a run's last stage as --steps gives them. A run that is resumed may get more, or fewer, than were planned: its learning rate follows
/// its schedule over the new number, which is told where it makes a difference.
/// </summary>
internal static class PlannedSteps
{
    /// <summary>The run with so many steps.</summary>
    /// <param name="run">The run.</param>
    /// <param name="steps">Steps; null: as planned.</param>
    /// <param name="warn">Told in a sentence what changes.</param>
    /// <exception cref="CloudsException">Usage: it has done more already, or its last stage is not reached.</exception>
    public static TrainingRun Set(TrainingRun run, long? steps, Action<string> warn)
    {
        long planned = run.Stages?.SelfTraining.Steps ?? run.Settings.Training.Steps;
        if (steps is not long wanted || wanted == planned)
        {
            return run;
        }

        RunFolder last = run.Stages?.FolderOf(StagedRun.Self, run.Folder.Path) ?? run.Folder;
        if (last.Checkpoints.Count > 0)
        {
            long done = JsonNode.Parse(Checkpoint.Describe(last))!["step"]!.GetValue<long>();
            Require(wanted >= done, last.Path, $"--steps {wanted}", $"{done} or more, which are done");
            warn(Sentence(run.Settings.Training.Optimizer, planned, wanted, done));
        }
        else
        {
            Require(wanted >= 1, last.Path, $"--steps {wanted}", "1 or more");
        }

        return run.WithSteps(wanted);
    }

    private static string Sentence(OptimizerConfig optimizer, long planned, long wanted, long done)
    {
        double Factor(long steps) => new LearningRateSchedule(optimizer.Schedule, steps, optimizer.Power, optimizer.WarmupSteps).Factor(Math.Min(done, steps));
        string goesOn = $"the run goes on to step {wanted}, where {planned} were planned";
        return optimizer.Schedule == ScheduleKind.Constant ? goesOn : string.Create(CultureInfo.InvariantCulture,
            $"{goesOn}: the learning rate falls over {wanted} steps from here on, so that it is {Factor(wanted):0.####} of its base now instead of "
            + $"{Factor(planned):0.####}, and the weights are not those of a run of {wanted} steps from the start");
    }

    private static void Require(bool condition, string where, string found, string expected)
    {
        if (!condition)
        {
            throw new CloudsException(Failure.Usage, "a run cannot end before the steps that it has done", where, found, expected,
                "give more steps, or take the model as it is: --resume alone");
        }
    }
}
