using Clouds.Runtime.Distributed;

namespace Clouds.Training.Engine;

/// <summary>What the engine has to know of a run besides its <see cref="ITraining"/>.</summary>
public sealed record TrainingSettings
{
    /// <summary>Optimiser steps of the whole run.</summary>
    public required long Steps { get; init; }

    /// <summary>The optimiser.</summary>
    public required Optimization Optimization { get; init; }

    /// <summary>Seed of every random draw.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Steps between two checkpoints; the last step and an interruption write one in any case.</summary>
    public int CheckpointEvery { get; init; } = 500;

    /// <summary>Checkpoints that stay, at least 1: the newest and those before it.</summary>
    public int KeepCheckpoints { get; init; } = 3;

    /// <summary>How good the parameters are, from time to time; null: nobody looks.</summary>
    public ValidationPlan? Validation { get; init; }

    /// <summary>Models that the training itself writes into the folder; the disk has to hold them with the checkpoints.</summary>
    public int Models { get; init; }

    /// <summary>Bytes of each beside the parameters.</summary>
    public long FrozenBytes { get; init; }

    /// <summary>Steps in a row whose loss or gradient is not finite, after which the run ends; those that a smaller loss scale may mend do not count.</summary>
    public int MostSkipped { get; init; } = 3;

    /// <summary>In which precision products are computed; weights, moments and gradients are single in any case.</summary>
    public TrainingPrecision Precision { get; init; }

    /// <summary>Whether a run is begun for which the machine has not the memory that is foreseen.</summary>
    public bool AcceptMemory { get; init; }

    /// <summary>Told in a sentence what a user should know; null: nobody.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>Weight files that a new run starts from; parameters of no file get start values drawn from the seed.</summary>
    public IReadOnlyList<StartWeights> Start { get; init; } = [];

    /// <summary>A JSON object that checkpoints carry: what the training needs to go on, for instance its settings.</summary>
    public string Description { get; init; } = "{}";

    /// <summary>The processes that share every step, each with a part of its images; rank 0 writes.</summary>
    public RankGroup Ranks { get; init; } = RankGroup.Alone;

    /// <summary>A text of any length that checkpoints carry too: what the run's data are. Empty: nothing.</summary>
    public string Data { get; init; } = "";
}

/// <summary>Start values from a weight file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Scope">Parameters whose names start so are read from it, and have to be there.</param>
public sealed record StartWeights(string Path, string Scope = "")
{
    /// <summary>Parameters below this name may have another shape in the file; they keep the values drawn from the seed, and are told.</summary>
    public string? Renewed { get; init; }
}
