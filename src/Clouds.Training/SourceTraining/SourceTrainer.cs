using System.Diagnostics;
using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Sessions;
using Clouds.Training.Datasets;

namespace Clouds.Training.SourceTraining;

/// <summary>
/// Stage 1 of the paper: trains the segmenter on the labelled source domain (method.md section 3). A run is a folder; it can be stopped at any
/// moment and resumed with the bits it would have had uninterrupted.
/// </summary>
/// <param name="config">Settings.</param>
/// <param name="data">The source domain.</param>
/// <param name="dataName">What the data set was opened from, recorded in checkpoints.</param>
/// <param name="folder">Where checkpoints, history and model go.</param>
/// <param name="device">Where graphs run.</param>
/// <param name="warn">Told in a sentence what a user should know; null: nobody.</param>
public sealed class SourceTrainer(SourceTrainingConfig config, IDataset data, string dataName, RunFolder folder, Device device, Action<string>? warn = null)
{
    private const int MostSkipped = 20;

    /// <summary>Reads the settings of an interrupted run.</summary>
    /// <exception cref="CloudsException">Weights: there is no checkpoint, or a damaged one.</exception>
    public static TrainingState Interrupted(RunFolder folder) => File.Exists(folder.Checkpoint)
        ? TrainingCheckpoint.ReadState(folder.Checkpoint)
        : throw new CloudsException(
            Failure.BadInput, "there is nothing to resume", folder.Path, "no checkpoint.safetensors", next: "start the run without --resume");

    /// <summary>Trains to the end.</summary>
    /// <param name="resume">Go on from the folder's checkpoint.</param>
    /// <param name="progress">Told after every step; metrics loss, classLoss, maskLoss, diceLoss, learningRate.</param>
    /// <param name="cancellation">When cancelled, the step in progress is finished and everything saved.</param>
    /// <exception cref="OperationCanceledException">Cancelled and saved.</exception>
    /// <exception cref="CloudsException">Bad input, weights that do not fit, a full disk, a loss that stays infinite.</exception>
    public void Run(bool resume = false, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        TrainingRules.Require(config, data.Classes.Count);
        folder.Create();
        string? frozen = config.Encoder.Trainable ? null : FrozenEncoder.WeightsFor(config, folder, warn);
        using TrainingStep step = new(config, data.Classes.Count, frozen, new SessionSettings { Device = device, Threads = config.Threads, Warn = warn });
        TrainingState state = resume ? TrainingCheckpoint.Restore(folder.Checkpoint, step) : Start(step);
        using TrainingHistory history = TrainingHistory.Open(folder.History, state.Step);
        SampleStream samples = new(data, config);
        while (state.Step < config.Steps && !cancellation.IsCancellationRequested)
        {
            state = Advance(step, samples, state, history, progress);
            if (state.Step % config.CheckpointEvery == 0 && state.Step < config.Steps)
            {
                TrainingCheckpoint.Save(folder.Checkpoint, step.Arena, state);
            }
        }

        TrainingCheckpoint.Save(folder.Checkpoint, step.Arena, state);
        WriteModel(step, frozen);
        cancellation.ThrowIfCancellationRequested();
    }

    private TrainingState Start(TrainingStep step)
    {
        foreach (Parameter parameter in step.Trained)
        {
            parameter.Initialize((ulong)config.Seed).CopyTo(step.Arena.Span(ArenaPart.Parameters, parameter.Name));
        }

        if (config.Encoder.Trainable && config.Encoder.Weights.Length > 0)
        {
            LoadEncoder(step);
        }

        return new TrainingState { Config = config, Data = dataName };
    }

    private void LoadEncoder(TrainingStep step)
    {
        Parameter[] encoder = [.. step.Trained.Where(p => p.Name.StartsWith(MaskFormer.EncoderScope, StringComparison.Ordinal))];
        using SafetensorsFile file = SafetensorsFile.Open(config.Encoder.Weights);
        WeightMatch.Require(file, encoder);
        foreach (Parameter parameter in encoder)
        {
            file.ReadFloats(parameter.Name, step.Arena.Span(ArenaPart.Parameters, parameter.Name));
        }
    }

    private TrainingState Advance(TrainingStep step, SampleStream samples, TrainingState state, TrainingHistory history, IProgress<ProgressReport>? progress)
    {
        long start = Stopwatch.GetTimestamp();
        (RgbImage Image, LabelMap Labels)[] batch = samples.Take(state.Step);
        for (int i = 0; i < batch.Length; i++)
        {
            step.Set(i, batch[i].Image, batch[i].Labels);
        }

        StepResult result = step.Run(state.Step);
        int skipped = result.Skipped ? state.SkippedInARow + 1 : 0;
        RefuseDivergence(skipped, state.Step, result);
        HistoryLine line = new(state.Step, result.Loss, result.ClassLoss, result.MaskLoss, result.DiceLoss,
            result.GradientNorm, result.LearningRate, Stopwatch.GetElapsedTime(start).TotalSeconds);
        history.Append(line);
        progress?.Report(new ProgressReport("train", state.Step + 1, config.Steps, Metrics(result)));
        return state with { Step = state.Step + 1, SkippedInARow = skipped };
    }

    private static Dictionary<string, double> Metrics(StepResult result) => new()
    {
        ["loss"] = result.Loss,
        ["classLoss"] = result.ClassLoss,
        ["maskLoss"] = result.MaskLoss,
        ["diceLoss"] = result.DiceLoss,
        ["learningRate"] = result.LearningRate,
    };

    private void RefuseDivergence(int skipped, long step, StepResult result)
    {
        if (skipped >= MostSkipped)
        {
            throw new CloudsException(
                Failure.Numeric, "the gradient is not finite", $"step {step} of {folder.Path}", $"{skipped} steps in a row, loss {result.Loss}",
                "finite numbers", "resume from the last checkpoint with a smaller optimizer.learningRate in a new run");
        }
    }

    private void WriteModel(TrainingStep step, string? frozen)
    {
        ModelDescription description = new()
        {
            Network = config.Network,
            ClassNames = data.Classes.Names,
            ClassColours = data.Classes.Colours,
            ShortSide = config.TestShortSide,
        };
        using FrozenEncoder? encoder = frozen is null ? null : FrozenEncoder.Open(config, frozen);
        ModelFile.Write(folder.Model, description, step.Arena, encoder?.Tensors ?? []);
    }
}
