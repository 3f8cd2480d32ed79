using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Models.Sam;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;

namespace Clouds.Training.Promptable;

/// <summary>
/// Trains or fine-tunes a Segment Anything of any sizes on images with masks. A run is a folder; it can be stopped at any moment and resumed with the bits
/// it would have had uninterrupted. Its model has the names of the published ones, and opens as they do.
/// </summary>
/// <param name="config">Settings.</param>
/// <param name="data">Images with masks.</param>
/// <param name="folder">Where checkpoints, history and model go.</param>
/// <param name="device">Where graphs run; borrowed.</param>
/// <param name="threads">Processor threads of a step; 0: one a processor.</param>
/// <param name="warn">Told in a sentence what a user should know; null: nobody.</param>
public sealed class SamTrainer(
    SamTrainingConfig config, IMaskedImages data, RunFolder folder, Device device, int threads = 0, Action<string>? warn = null)
{
    private const int Undecayed = 1, Encoder = 2, Fixed = 4;

    /// <summary>Whether a run is begun for which the machine has not the memory that is foreseen.</summary>
    public bool AcceptMemory { get; init; }

    /// <summary>Images that are read and prompted at once, beside the step; 0: as many as help. The weights do not depend on it.</summary>
    public int Workers { get; init; }

    /// <summary>Trains to the end or to an interruption, and writes the model.</summary>
    /// <param name="resume">Go on from the folder's checkpoint; the settings have to be those that it was begun with.</param>
    /// <param name="progress">Told after every step; metrics loss, focalLoss, diceLoss, scoreLoss, iou, learningRate.</param>
    /// <param name="cancellation">When cancelled, the step in progress is finished and everything saved.</param>
    /// <exception cref="OperationCanceledException">Cancelled and saved.</exception>
    /// <exception cref="CloudsException">
    /// Usage: settings do not fit together, or are others than those of the run; bad input, weights that do not fit, a full disk, a loss that stays infinite:
    /// what was done is saved first.
    /// </exception>
    public void Run(bool resume = false, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        SamTrainingRules.Require(config);
        using PromptTraining training = new(config, data, Workers);
        TrainerOptions options = new(folder, device) { Threads = threads, AcceptMemory = AcceptMemory, Warn = warn };
        new ModelRun(options, "segmentAnything", config, data.Name).Run(
            training, Settings(), arena => SamModelFile.Write(folder.Model, config, arena), resume, progress, cancellation);
    }

    private TrainingSettings Settings() => new()
    {
        Steps = config.Steps,
        Optimization = config.Optimizer.Over(config.Steps) with
        {
            Groups = [new(1, config.Optimizer.WeightDecay), new(1), new(config.EncoderRate, config.Optimizer.WeightDecay), new(config.EncoderRate), new(0)],
            GroupOf = GroupOf,
        },
        Seed = (ulong)config.Seed,
        CheckpointEvery = config.CheckpointEvery,
        Start = config.From.Length > 0 ? [new StartWeights(config.From)] : [],
    };

    // The frequencies of positions are drawn once and stay, like statistics of batch normalisation.
    private static int GroupOf(Parameter parameter) => parameter.Kind == ParameterKind.Statistic
        ? Fixed
        : (parameter.Kind == ParameterKind.Plain ? 0 : Undecayed)
            + (parameter.Name.StartsWith(SegmentAnythingNetwork.EncoderScope, StringComparison.Ordinal) ? Encoder : 0);
}
