using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Refinement;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Distributed;
using Clouds.Runtime.Sessions;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;

namespace Clouds.Training.SelfTraining;

/// <summary>
/// Stage 2 of the paper: goes on from the model of stage 1 with source images and generated ones (method.md section 3). A run is a folder; it can be stopped
/// at any moment and resumed with the bits it would have had uninterrupted: student, teacher, moments, step and streams are saved.
/// </summary>
/// <param name="run">Settings.</param>
/// <param name="model">The model of stage 1.</param>
/// <param name="data">The source domain.</param>
/// <param name="generated">The generated images.</param>
/// <param name="refiner">Refines the teacher's labels, borrowed; null: they are taken as they are.</param>
/// <param name="folder">Where checkpoints, history and model go.</param>
/// <param name="device">Where graphs run; borrowed.</param>
/// <param name="warn">Told in a sentence what a user should know; null: nobody.</param>
public sealed class SelfTrainer(StagedRun run, string model, TrainingData data, ImageData generated, PseudoLabelRefiner? refiner, RunFolder folder,
    Device device, Action<string>? warn = null)
{
    private readonly SourceTrainingConfig _config = run.SelfTraining.Over(run.Training, model);

    /// <summary>Whether a run is begun for which the machine has not the memory that is foreseen.</summary>
    public bool AcceptMemory { get; init; }

    /// <summary>Samples that are read and augmented at once, beside the step; 0: as many as help. The weights do not depend on it.</summary>
    public int Workers { get; init; }

    /// <summary>How validation works on a GPU.</summary>
    public CudaOptions Cuda { get; init; } = new();

    /// <summary>The processes that share every step. All read the data and the run's folder; rank 0 alone writes there.</summary>
    public RankGroup Ranks { get; init; } = RankGroup.Alone;

    private IDataset Samples => data.Samples;

    /// <summary>Trains to the end.</summary>
    /// <param name="start">Begin, or go on from the folder's checkpoint; then the data have to be what they were, unless that is said.</param>
    /// <param name="progress">Told after every step; metrics loss, classLoss, maskLoss, diceLoss, learningRate.</param>
    /// <param name="cancellation">When cancelled, the step in progress is finished and everything saved.</param>
    /// <exception cref="OperationCanceledException">Cancelled and saved.</exception>
    /// <exception cref="CloudsException">
    /// BadInput: there is no model of stage 1, or images that cannot be used; Weights: the model does not fit the settings; a full disk, a loss that stays
    /// infinite; what was done is saved first.
    /// </exception>
    public void Run(RunStart start = RunStart.New, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        SelfTrainingRules.Require(run, model, Samples.Classes.Count, generated, Ranks.Count);
        StageRun stage = new(_config, warn, Ranks);
        if (start != RunStart.New)
        {
            stage.TellThreads(folder, run.Threads);
            ChangedData.Refuse(folder, [(data.Spec, data.Fingerprint), (generated.Spec, generated.Fingerprint)], Fingerprints,
                accepted: start == RunStart.ResumedOnChangedData, warn);
        }

        if (Ranks.IsFirst)
        {
            folder.Create();
        }

        string? frozen = _config.Encoder.Trainable ? null : model;
        SessionSettings sessions = new() { Threads = run.Threads };
        ClassEmbeddings? names = _config.Network.Classifier == ClassifierKind.Text
            ? ClassEmbeddings.Of(Samples.Classes.Names, _config, device, sessions, cancellation)
            : null;
        using JointTraining training = new(
            _config, run.SelfTraining, Samples, generated.Images, refiner, run.Refinement.Overlap, frozen, names?.Bank, run.Threads, Workers,
            Ranks.Share(_config.Batch));
        RunModel trained = new(_config, Samples.Classes, frozen, names);
        using Trainer trainer = new(training, trained.Scored(Settings(stage), folder, device, run.Threads, Cuda), folder, device, sessions);
        stage.Go(trainer, start != RunStart.New, progress, cancellation);
        stage.End(trainer, () => trained.Write(folder.Model, trainer.Arena), cancellation);
    }

    private TrainingSettings Settings(StageRun stage)
    {
        TrainingSettings settings = stage.Settings();
        TeacherConfig teacher = run.SelfTraining.Teacher;
        return settings with
        {
            Optimization = settings.Optimization with
            {
                Teacher = new MeanTeacher(teacher.Momentum, teacher.Interval)
                {
                    WarmUp = teacher.WarmUp, RestartOnResume = teacher.RestartOnResume,
                },
            },
            Start = [new StartWeights(model)],
            Description = run.ToJson(),
            AcceptMemory = AcceptMemory,
            Data = data.Fingerprint is null || generated.Fingerprint is null ? "" : $"[{data.Fingerprint.ToJson()},{generated.Fingerprint.ToJson()}]",
        };
    }

    private static DataFingerprint[] Fingerprints(string text)
    {
        using JsonDocument list = JsonDocument.Parse(text);
        return [.. list.RootElement.EnumerateArray().Select(one => DataFingerprint.Read(one.GetRawText()))];
    }
}
