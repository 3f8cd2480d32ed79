using Clouds.Graph.Settings;
using Clouds.Models.Llama;
using Clouds.Training.SourceTraining;

namespace Clouds.Training.Language;

/// <summary>Training of a Llama on texts (Touvron et al. 2023), from scratch or from a file.</summary>
public sealed record LanguageTrainingConfig
{
    /// <summary>Sizes of the network.</summary>
    public LlamaConfig Network { get; init; } = new();

    /// <summary>Weight file of a whole Llama of these sizes that a new run starts from; empty: random start values.</summary>
    [Setting(Source = "ours")]
    public string From { get; init; } = "";

    /// <summary>Files of the tokenizer, a folder or a file, which are copied beside the model; empty: none.</summary>
    [Setting(Source = "ours")]
    public string Tokenizer { get; init; } = "";

    /// <summary>Id of the token before a text, told in the model's configuration.</summary>
    [Setting(Min = 0, Source = "Llama-2: 1")]
    public int Start { get; init; } = 1;

    /// <summary>Id of the token behind a text.</summary>
    [Setting(Min = 0, Source = "Llama-2: 2")]
    public int End { get; init; } = 2;

    /// <summary>Tokens of a window, at most the network's context.</summary>
    [Setting(Unit = "tokens", Min = 1, Source = "Touvron et al. 2023: 2048")]
    public int Length { get; init; } = 2048;

    /// <summary>Whether texts stand one behind the other in windows; otherwise each begins a window of its own, which may cut it.</summary>
    [Setting(Source = "Brown et al. 2020, appendix B: packed")]
    public bool Packed { get; init; } = true;

    /// <summary>Optimiser steps.</summary>
    [Setting(Unit = "steps", Min = 1, Source = "ours")]
    public long Steps { get; init; } = 100_000;

    /// <summary>Windows a step.</summary>
    [Setting(Unit = "windows", Min = 1, Source = "ours; Touvron et al. 2023: 4 million tokens")]
    public int Batch { get; init; } = 16;

    /// <summary>Optimiser.</summary>
    public OptimizerConfig Optimizer { get; init; } = new()
    {
        LearningRate = 3e-4, WeightDecay = 0.1, ClipNorm = 1, Schedule = Engine.ScheduleKind.Poly, WarmupSteps = 2000,
    };

    /// <summary>AdamW's memory of the gradients' squares.</summary>
    [Setting(Min = 0, Max = 1, Source = "Touvron et al. 2023, section 2.3: 0.95")]
    public double Beta2 { get; init; } = 0.95;

    /// <summary>Seed of every random draw.</summary>
    [Setting(Min = 0, Source = "ours")]
    public long Seed { get; init; } = 1;

    /// <summary>Steps between two checkpoints.</summary>
    [Setting(Unit = "steps", Min = 1, Source = "ours")]
    public int CheckpointEvery { get; init; } = 500;
}
