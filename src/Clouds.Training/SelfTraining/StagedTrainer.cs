using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Native.Refinement;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Distributed;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;

namespace Clouds.Training.SelfTraining;

/// <summary>
/// Carries out the stages of a run one after the other, each in its folder, stage 2 from the model of stage 1; its model is the run's. Resumed, a stage that
/// is done is passed over, one that has begun goes on, and one that has not begins.
/// </summary>
/// <param name="run">Settings.</param>
/// <param name="data">The source domain.</param>
/// <param name="generated">The generated images.</param>
/// <param name="refiner">Opens what refines the teacher's labels, when stage 2 begins; null: they are taken as they are.</param>
/// <param name="folder">The run's folder.</param>
/// <param name="device">Where graphs run; borrowed.</param>
/// <param name="warn">Told in a sentence what a user should know; null: nobody.</param>
public sealed class StagedTrainer(StagedRun run, TrainingData data, ImageData generated, Func<OpenRefiner>? refiner, RunFolder folder, Device device,
    Action<string>? warn = null)
{
    /// <summary>Whether a run is begun for which the machine has not the memory that is foreseen.</summary>
    public bool AcceptMemory { get; init; }

    /// <summary>Samples that are read and augmented at once, beside the step; 0: as many as help. The weights do not depend on it.</summary>
    public int Workers { get; init; }

    /// <summary>How validation works on a GPU.</summary>
    public CudaOptions Cuda { get; init; } = new();

    /// <summary>The processes that share every step. All read the data and the run's folder; rank 0 alone writes there.</summary>
    public RankGroup Ranks { get; init; } = RankGroup.Alone;

    /// <summary>Trains to the end.</summary>
    /// <param name="start">Begin, or go on.</param>
    /// <param name="progress">Told after every step, stages "stage 1: train" and "stage 2: train".</param>
    /// <param name="cancellation">When cancelled, the step in progress is finished and everything saved.</param>
    /// <exception cref="OperationCanceledException">Cancelled and saved.</exception>
    /// <exception cref="CloudsException">As of <see cref="SourceTrainer"/> and <see cref="SelfTrainer"/>.</exception>
    public void Run(RunStart start = RunStart.New, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        if (start == RunStart.New)
        {
            SelfTrainingRules.RequireSettings(run, data.Samples.Classes.Count, generated, Ranks.Count);
        }

        // A run that is resumed may have been given more steps.
        WriteRun();
        foreach (int stage in run.Stages.Order())
        {
            RunFolder there = run.FolderOf(stage, folder.Path);
            if (!Checkpoint.IsDone(there, stage == StagedRun.Source ? run.Training.Steps : run.SelfTraining.Steps))
            {
                RunStart how = there.Checkpoints.Count > 0 ? start : RunStart.New;
                Run(stage, there, how, progress is null ? null : new NamedStage(stage, progress), cancellation);
            }
        }

        if (Ranks.IsFirst)
        {
            Publish(run.FolderOf(StagedRun.Self, folder.Path).Model);
        }
    }

    private void WriteRun()
    {
        if (Ranks.IsFirst)
        {
            folder.Create();
            run.Write(folder.Path);
        }
    }

    private void Run(int stage, RunFolder there, RunStart start, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        if (stage == StagedRun.Source)
        {
            SourceTrainer source = new(run.Training, data, there, device, run.Threads, warn)
            {
                AcceptMemory = AcceptMemory, Workers = Workers, Cuda = Cuda, Ranks = Ranks,
            };
            source.Run(start, progress, cancellation);
            return;
        }

        using OpenRefiner? open = refiner?.Invoke();
        SelfTrainer trainer = new(run, run.StartOfSelfTraining(folder.Path), data, generated, open?.Refiner, there, device, warn)
        {
            AcceptMemory = AcceptMemory, Workers = Workers, Cuda = Cuda, Ranks = Ranks,
        };
        trainer.Run(start, progress, cancellation);
    }

    private void Publish(string model)
    {
        if (model != folder.Model)
        {
            using FileStream source = File.OpenRead(model);
            using AtomicFile file = new(folder.Model);
            byte[] piece = new byte[1 << 20];
            for (int read = source.Read(piece); read > 0; read = source.Read(piece))
            {
                file.Write(piece.AsSpan(0, read));
            }

            file.Commit();
        }
    }

    private sealed class NamedStage(int stage, IProgress<ProgressReport> inner) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value) => 
            inner.Report(new ProgressReport($"stage {stage}: {value.Stage}", value.Done, value.Total, value.Metrics));
    }
}

/// <summary>A refiner and the network that it asks; disposing it disposes both.</summary>
/// <param name="Refiner">Disposed first.</param>
/// <param name="Network">The network.</param>
public sealed record OpenRefiner(PseudoLabelRefiner Refiner, IDisposable Network) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Refiner.Dispose();
        Network.Dispose();
    }
}
