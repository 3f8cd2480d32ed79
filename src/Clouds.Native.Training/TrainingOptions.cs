using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Native.Segmentation;
using Clouds.Training.SourceTraining;
using Microsoft.Extensions.Logging;

namespace Clouds.Native.Training;

/// <summary>How a segmenter is trained: one of two presets, and what programs change of it most.</summary>
public sealed record TrainingOptions
{
    private const int MostThreads = 1024;

    private TrainingOptions(SourceTrainingConfig preset)
    {
        Preset = preset;
        (Steps, Batch, Seed, LearningRate) = (preset.Steps, preset.Batch, preset.Seed, preset.Optimizer.LearningRate);
        (CheckpointEvery, EncoderWeights) = (preset.CheckpointEvery, preset.Encoder.Weights);
    }

    /// <summary>A network of 2.3 million parameters that learns from scratch on a processor in minutes (method.md section 3.6).</summary>
    public static TrainingOptions Small { get; } = new(SourceTrainingConfig.Small);

    /// <summary>The paper's network and settings; they want a GPU, and <see cref="EncoderWeights"/>.</summary>
    public static TrainingOptions Paper { get; } = new(new SourceTrainingConfig());

    /// <summary>Optimiser steps, 1 or more.</summary>
    public long Steps { get; init; }

    /// <summary>Images a step, 1 or more.</summary>
    public int Batch { get; init; }

    /// <summary>Seed of every random draw, 0 or more: the same seed gives the same weights, bit by bit.</summary>
    public long Seed { get; init; }

    /// <summary>Base learning rate, above 0.</summary>
    public double LearningRate { get; init; }

    /// <summary>Steps between two checkpoints, 1 or more.</summary>
    public int CheckpointEvery { get; init; }

    /// <summary>Safetensors file with the encoder's weights; empty, which <see cref="Paper"/> refuses: start values at random.</summary>
    public string EncoderWeights { get; init; }

    /// <summary>Where the network is trained.</summary>
    public ComputeDevice Device { get; init; }

    /// <summary>Processor threads, 0..1024; 0: one a processor.</summary>
    public int Threads { get; init; }

    /// <summary>Go on from the folder's checkpoint, with the settings that the run was started with, to the bits it would have had uninterrupted.</summary>
    public bool Resume { get; init; }

    /// <summary>Go on although the data are not what they were; the weights are then not those of an uninterrupted run.</summary>
    public bool AcceptChangedData { get; init; }

    /// <summary>Begin although the machine has not the memory that is foreseen.</summary>
    public bool AcceptMemory { get; init; }

    /// <summary>Told in one sentence what a user should know; null: nobody.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>The host's log; null: none.</summary>
    public ILogger? Logger { get; init; }

    internal SourceTrainingConfig Preset { get; }

    internal SourceTrainingConfig Config => Preset with
    {
        Steps = Steps,
        Batch = Batch,
        Seed = Seed,
        CheckpointEvery = CheckpointEvery,
        Optimizer = Preset.Optimizer with { LearningRate = LearningRate },
        Encoder = Preset.Encoder with { Weights = EncoderWeights },
    };

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="CloudsException">Usage, naming the member.</exception>
    internal void Require()
    {
        Require(Steps >= 1, nameof(Steps), Steps, "1 or more");
        Require(Batch >= 1, nameof(Batch), Batch, "1 or more");
        Require(Seed >= 0, nameof(Seed), Seed, "0 or more");
        Require(double.IsFinite(LearningRate) && LearningRate > 0, nameof(LearningRate), LearningRate, "above 0");
        Require(CheckpointEvery >= 1, nameof(CheckpointEvery), CheckpointEvery, "1 or more");
        Require(EncoderWeights is not null, nameof(EncoderWeights), "null", "a path, or an empty text");
        Require(Preset.Encoder.Trainable || EncoderWeights!.Length > 0, nameof(EncoderWeights), "none", "a file: this preset does not train its encoder");
        Require(Threads is >= 0 and <= MostThreads, nameof(Threads), Threads, $"0..{MostThreads}");
    }

    private static void Require(bool condition, string member, object found, string expected)
    {
        if (!condition)
        {
            throw new CloudsException(Failure.Usage, "an option is out of range", $"{nameof(TrainingOptions)}.{member}",
                string.Create(CultureInfo.InvariantCulture, $"{found}"), expected, "correct the option");
        }
    }
}
