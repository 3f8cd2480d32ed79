using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Models.Encoders;
using Clouds.Runtime.Distributed;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>What is around the engine in either stage: its settings, and a run that tells where it was saved.</summary>
/// <param name="config">Settings of the stage.</param>
/// <param name="warn">Told in a sentence what a user should know; null: nobody.</param>
/// <param name="ranks">The processes that share every step.</param>
internal sealed class StageRun(SourceTrainingConfig config, Action<string>? warn, RankGroup ranks)
{
    /// <summary>Settings of the engine, without start values, description and data.</summary>
    public TrainingSettings Settings()
    {
        IEncoder encoder = config.Network.Encoder.Create(config.Encoder.Trainable);
        return new TrainingSettings
        {
            Steps = config.Steps,
            Optimization = config.Optimizer.Over(config.Steps) with
            {
                Groups = ParameterGroups.All(config.Optimizer.WeightDecay, config.Encoder.LearningRateMultiplier),
                GroupOf = parameter => ParameterGroups.Of(parameter, encoder),
            },
            Seed = (ulong)config.Seed,
            CheckpointEvery = config.CheckpointEvery,
            KeepCheckpoints = config.KeepCheckpoints,
            Precision = config.Precision,
            MostSkipped = config.MostSkipped,
            Warn = warn,
            Ranks = ranks,
        };
    }

    /// <summary>Says so where a run goes on with another number of threads than it had: its bits may then be others (platform.md section 3).</summary>
    /// <param name="folder">The run, with a checkpoint.</param>
    /// <param name="threads">Processor threads of a step; 0: one a processor.</param>
    public void TellThreads(RunFolder folder, int threads)
    {
        JsonNode run = JsonNode.Parse(Checkpoint.Describe(folder))!;
        int had = run["threads"]?.GetValue<int>() ?? 0;
        int before = had > 0 ? had : run["processors"]?.GetValue<int>() ?? 0, now = threads > 0 ? threads : Environment.ProcessorCount;
        if (before > 0 && before != now)
        {
            warn?.Invoke($"the run goes on with {now} processor threads after {before}: its weights may differ from those of an uninterrupted run "
                + $"(execution.threads={before} keeps them)");
        }
    }

    /// <summary>Runs the engine to its end, and tells what was skipped or, where it fails, which step it is saved at.</summary>
    public void Go(Trainer trainer, bool resume, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        RunState end;
        try
        {
            end = trainer.Run(resume, warn is null || !ranks.IsFirst ? progress : new TimeForecast(progress, warn), cancellation);
        }
        catch
        {
            if (trainer.SavedStep is long step && ranks.Saves)
            {
                warn?.Invoke($"the run fails, and is saved as it was after step {step} of {config.Steps}; it can be resumed");
            }

            throw;
        }

        if (end.Skipped > 0 && ranks.IsFirst)
        {
            warn?.Invoke($"{end.Skipped} of {end.Step} steps changed nothing, because their loss or gradient was not finite");
        }

        if (end is { Step: long last, Validation.BestStep: long best } && last < config.Steps && !trainer.WasStopped && ranks.IsFirst)
        {
            warn?.Invoke($"training ended after {last} of {config.Steps} steps: no validation was better than that after step {best} "
                + "(training.validation.patience)");
        }
    }

    /// <summary>Writes the model, on rank 0; the others find it when this returns. Refuses to go on where the run was stopped.</summary>
    /// <exception cref="OperationCanceledException">It was, be it that another rank was told.</exception>
    public void End(Trainer trainer, Action write, CancellationToken cancellation)
    {
        if (ranks.IsFirst)
        {
            write();
        }

        ranks.Meet("the model");
        if (trainer.WasStopped)
        {
            throw new OperationCanceledException(cancellation);
        }

        cancellation.ThrowIfCancellationRequested();
    }
}
