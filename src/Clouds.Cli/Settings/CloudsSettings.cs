using Clouds.Diagnostics;
using Clouds.Graph.Settings;
using Clouds.Training.Evaluation;
using Clouds.Training.SourceTraining;

namespace Clouds.Cli.Settings;

/// <summary>The whole configuration of `clouds`: one section for each part of the work.</summary>
internal sealed record CloudsSettings
{
    /// <summary>How the machine is used.</summary>
    public ExecutionSettings Execution { get; init; } = new();

    /// <summary>Training on the labelled source domain.</summary>
    public SourceTrainingConfig Training { get; init; } = new();

    /// <summary>How answers are scored.</summary>
    public EvaluationConfig Evaluation { get; init; } = new();

    /// <summary>The settings that a preset stands for.</summary>
    public static CloudsSettings Of(Preset preset) => preset switch
    {
        Preset.Small => new() { Training = SourceTrainingConfig.Small },
        Preset.Paper => new(),
        _ => throw new CloudsException(Failure.Usage, "the preset is unknown", "--preset", preset.ToString(), "small, paper"),
    };
}

/// <summary>Settings to start from.</summary>
internal enum Preset
{
    /// <summary>A network that learns from scratch on a processor in minutes.</summary>
    Small,

    /// <summary>The paper's settings; they want a GPU.</summary>
    Paper,
}

/// <summary>How the machine is used.</summary>
internal sealed record ExecutionSettings
{
    /// <summary>Where networks run; auto takes a GPU where one works and the processor otherwise.</summary>
    [Setting(Source = "ours")]
    public DeviceChoice Device { get; init; } = DeviceChoice.Auto;

    /// <summary>Processor threads of evaluate and segment; 0: one a processor. Training has a setting of its own.</summary>
    [Setting(Unit = "threads", Min = 0, Max = 1024, Source = "ours")]
    public int Threads { get; init; }
}

/// <summary>Where networks run.</summary>
internal enum DeviceChoice
{
    /// <summary>A GPU where one works, otherwise the processor.</summary>
    Auto,

    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>An NVIDIA GPU.</summary>
    Cuda,
}
