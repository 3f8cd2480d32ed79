using Clouds.Diagnostics;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Distributed;
using Clouds.Runtime.Sessions;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>
/// Stage 1 of the paper: trains the segmenter on the labelled source domain (method.md section 3). A run is a folder; it can be stopped at any
/// moment and resumed with the bits it would have had uninterrupted.
/// </summary>
/// <param name="config">Settings.</param>
/// <param name="data">The source domain.</param>
/// <param name="folder">Where checkpoints, history and model go.</param>
/// <param name="device">Where graphs run; borrowed.</param>
/// <param name="threads">Processor threads of a step; 0: one a processor.</param>
/// <param name="warn">Told in a sentence what a user should know; null: nobody.</param>
public sealed class SourceTrainer(
    SourceTrainingConfig config, TrainingData data, RunFolder folder, Device device, int threads = 0, Action<string>? warn = null)
{
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
    /// <exception cref="CloudsException">Bad input, weights that do not fit, a full disk, a loss that stays infinite; what was done is saved first.</exception>
    public void Run(RunStart start = RunStart.New, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        TrainingRules.Require(config, Samples.Classes.Count, Ranks.Count);
        StageRun run = new(config, warn, Ranks);
        if (start != RunStart.New)
        {
            run.TellThreads(folder, threads);
            ChangedData.Refuse(folder, data, accepted: start == RunStart.ResumedOnChangedData, warn);
        }

        string? frozen = Ranks.FirstThenOthers("the run's folder", Prepare);
        SessionSettings sessions = new() { Threads = threads };
        ClassEmbeddings? names = config.Network.Classifier == ClassifierKind.Text
            ? ClassEmbeddings.Of(Samples.Classes.Names, config, device, sessions, cancellation)
            : null;
        using MaskTraining training = new(config, Samples, frozen, names?.Bank, Workers, Ranks.Share(config.Batch));
        RunModel model = new(config, Samples.Classes, frozen, names);
        using Trainer trainer = new(training, model.Scored(Settings(run), folder, device, threads, Cuda), folder, device, sessions);
        run.Go(trainer, start != RunStart.New, progress, cancellation);
        run.End(trainer, () => model.Write(folder.Model, trainer.Arena), cancellation);
    }

    private string? Prepare()
    {
        if (Ranks.IsFirst)
        {
            folder.Create();
        }

        return config.Encoder.Trainable ? null : FrozenEncoder.WeightsFor(config, folder, Ranks.IsFirst ? warn : null);
    }

    private TrainingSettings Settings(StageRun run) => run.Settings() with
    {
        Start = [.. StartsFrom(config.Network.Encoder.Create(config.Encoder.Trainable))],
        Description = new SourceRun { Config = config, Data = data.Spec, Threads = threads, Processors = Environment.ProcessorCount }.ToJson(),
        AcceptMemory = AcceptMemory,
        Data = data.Fingerprint?.ToJson() ?? "",
    };

    private IEnumerable<StartWeights> StartsFrom(IEncoder encoder)
    {
        if (config.From.Length > 0)
        {
            yield return new StartWeights(config.From) { Renewed = MaskFormer.ClassHead };
        }

        if (encoder.Trainable && config.Encoder.Weights.Length > 0)
        {
            yield return new StartWeights(config.Encoder.Weights, $"{encoder.Scope}.");
        }
    }
}
