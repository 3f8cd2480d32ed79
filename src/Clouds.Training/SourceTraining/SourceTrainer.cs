using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Runtime.Devices;
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
/// <param name="dataName">What the data set was opened from, recorded in checkpoints.</param>
/// <param name="folder">Where checkpoints, history and model go.</param>
/// <param name="device">Where graphs run; borrowed.</param>
/// <param name="warn">Told in a sentence what a user should know; null: nobody.</param>
public sealed class SourceTrainer(SourceTrainingConfig config, IDataset data, string dataName, RunFolder folder, Device device, Action<string>? warn = null)
{
    /// <summary>Trains to the end.</summary>
    /// <param name="resume">Go on from the folder's checkpoint.</param>
    /// <param name="progress">Told after every step; metrics loss, classLoss, maskLoss, diceLoss, learningRate.</param>
    /// <param name="cancellation">When cancelled, the step in progress is finished and everything saved.</param>
    /// <exception cref="OperationCanceledException">Cancelled and saved.</exception>
    /// <exception cref="CloudsException">Bad input, weights that do not fit, a full disk, a loss that stays infinite; what was done is saved first.</exception>
    public void Run(bool resume = false, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        TrainingRules.Require(config, data.Classes.Count);
        folder.Create();
        string? frozen = config.Encoder.Trainable ? null : FrozenEncoder.WeightsFor(config, folder, warn);
        SessionSettings sessions = new() { Threads = config.Threads };
        using Trainer trainer = new(new MaskTraining(config, data, frozen), Settings(), folder, device, sessions);
        RunState end = Run(trainer, resume, progress, cancellation);
        if (end.Skipped > 0)
        {
            warn?.Invoke($"{end.Skipped} of {end.Step} steps changed nothing, because their loss or gradient was not finite");
        }

        WriteModel(trainer.Arena, frozen);
        cancellation.ThrowIfCancellationRequested();
    }

    private RunState Run(Trainer trainer, bool resume, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        try
        {
            return trainer.Run(resume, progress, cancellation);
        }
        catch
        {
            if (trainer.SavedStep is long step)
            {
                warn?.Invoke($"the run fails, and is saved as it was after step {step} of {config.Steps}; it can be resumed");
            }

            throw;
        }
    }

    private TrainingSettings Settings()
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
            MostSkipped = config.MostSkipped,
            Start = encoder.Trainable && config.Encoder.Weights.Length > 0 ? [new StartWeights(config.Encoder.Weights, $"{encoder.Scope}.")] : [],
            Description = new SourceRun { Config = config, Data = dataName }.ToJson(),
        };
    }

    private void WriteModel(ParameterArena trained, string? frozen)
    {
        ModelDescription description = new()
        {
            Network = config.Network,
            ClassNames = data.Classes.Names,
            ClassColours = [.. data.Classes.Colours.Select(colour => new ClassColour(colour.R, colour.G, colour.B))],
            Normalisation = config.Network.Encoder.Create().Colours,
            ShortSide = config.TestShortSide,
        };
        using FrozenWeights? encoder = frozen is null ? null : FrozenEncoder.Open(config, frozen);
        ModelFile.Write(folder.Model, description, trained, encoder);
    }
}
