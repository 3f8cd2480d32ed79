using Clouds.Cli.Commands;
using Clouds.Cli.Runs;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Native.Refinement;
using Clouds.Runtime.Devices;
using Clouds.Training.Engine;
using Clouds.Training.SelfTraining;
using Clouds.Training.SourceTraining;

namespace Clouds.Cli.Experiments;

/// <summary>Trains the stages of an experiment, each from where it was left; one that is done is taken as it is.</summary>
/// <param name="experiment">What is trained.</param>
/// <param name="device">Where.</param>
/// <param name="masks">Opens Segment Anything.</param>
/// <param name="progress">Told after every step.</param>
/// <param name="warn">Told in a sentence what a user should know.</param>
/// <param name="cancellation">When cancelled, the step in progress is finished and everything saved.</param>
internal sealed class StageRunner(ResolvedExperiment experiment, Device device, Func<(IMaskPredictor Masks, IDisposable Owner)> masks,
    IProgress<ProgressReport> progress, Action<string> warn, CancellationToken cancellation)
{
    /// <summary>Whether it begins although the machine has not the memory that is foreseen.</summary>
    public bool AcceptMemory { get; init; }

    /// <summary>The command line, which starts the same again.</summary>
    public string Command { get; init; } = "";

    private CloudsSettings Settings => experiment.Settings;

    /// <summary>Stage 1.</summary>
    /// <param name="run">Its folder, which other rows share.</param>
    public void Source(RunFolder run)
    {
        using IDisposable held = ReproductionFolder.Hold(run);
        if (Checkpoint.IsDone(run, Settings.Training.Steps))
        {
            warn($"stage 1 is there already, from this row or another of the same settings, data and weights: {run.Path}");
            return;
        }

        Describe(run);
        SourceTrainer trainer = new(Settings.Training, experiment.Source!, run, device, Settings.Execution.Threads, warn)
        {
            AcceptMemory = AcceptMemory, Cuda = ModelOptions.Cuda(Settings.Execution.Cuda), Workers = Settings.Execution.Workers,
        };
        trainer.Run(Start(run), progress, cancellation);
    }

    /// <summary>Stage 2.</summary>
    /// <param name="run">Its folder.</param>
    /// <param name="model">The model of stage 1.</param>
    public void Self(RunFolder run, string model)
    {
        using IDisposable held = ReproductionFolder.Hold(run);
        StagedRun staged = Staged(model);
        if (Checkpoint.IsDone(run, staged.SelfTraining.Steps))
        {
            return;
        }

        Describe(run);
        StagedTrainer trainer = new(staged, experiment.Source!, experiment.Generated!, staged.Sam.Length == 0 ? null : Refiner, run, device, warn)
        {
            AcceptMemory = AcceptMemory, Cuda = ModelOptions.Cuda(Settings.Execution.Cuda), Workers = Settings.Execution.Workers,
        };
        trainer.Run(Start(run), progress, cancellation);
    }

    /// <summary>Hours that a stage's steps took, whoever made them.</summary>
    public static double Hours(RunFolder run) => File.Exists(run.History) ? TrainingHistory.Read(run.History).Sum(line => line.Seconds) / 3600 : 0;

    // So that `clouds report` tells of these runs what it tells of those of `clouds train`.
    private void Describe(RunFolder run)
    {
        RunLaunch launch = new(DateTimeOffset.UtcNow, Command, Directory.GetCurrentDirectory(),
            RunMachine.Environment(device, Settings.Execution.Threads), RunMachine.Versions());
        RunSetting[] settings = [.. Provenance.Of(Settings, new CloudsSettings(), new Dictionary<string, string>(), "row").Leaves.Select(Recorded)];
        RunDescription? before = RunDescription.Find(run.Path, out _);
        (before?.Resumed([], launch) ?? new RunDescription(Command, settings, [launch])).Write(run.Path);
    }

    private RunSetting Recorded(SettingLeaf leaf)
    {
        SettingLeaf? known = experiment.Experiment.Settings.Provenance.Leaves.FirstOrDefault(other => other.Key == leaf.Key);
        string value = SettingConversion.Show(leaf.Value);
        bool same = known is not null && SettingConversion.Show(known.Value) == value;
        return new RunSetting(leaf.Key, value, same ? known!.Origin : "this machine", leaf.Unit, leaf.Source);
    }

    private StagedRun Staged(string model) => new()
    {
        Stages = [StagedRun.Self],
        Training = Settings.Training with { From = Path.GetFullPath(model) },
        SelfTraining = Settings.SelfTraining,
        Data = Settings.Training.Data,
        Generated = Settings.SelfTraining.Generated.Data,
        Sam = Settings.SelfTraining.Refine ? CarriedWeights.Lasting(Settings.Sam.Weights) : "",
        Refinement = Settings.Refinement,
        Threads = Settings.Execution.Threads,
    };

    private OpenRefiner Refiner()
    {
        (IMaskPredictor predictor, IDisposable owner) = masks();
        return new OpenRefiner(new PseudoLabelRefiner(predictor, Settings.Refinement with { ListDropped = false }, Settings.Execution.Threads), owner);
    }

    private static RunStart Start(RunFolder run) => run.Checkpoints.Count > 0 ? RunStart.Resumed : RunStart.New;
}
