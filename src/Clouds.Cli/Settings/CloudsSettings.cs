using Clouds.Native.Settings;

namespace Clouds.Cli.Settings;

/// <summary>The whole configuration of `clouds`: one section for each part of the work.</summary>
internal sealed record CloudsSettings
{
    /// <summary>How the machine is used.</summary>
    public ExecutionSettings Execution { get; init; } = new();
}

/// <summary>How the machine is used.</summary>
internal sealed record ExecutionSettings
{
    /// <summary>Where networks run; auto takes a GPU where one works and the processor otherwise.</summary>
    [Setting(Source = "Clouds.Native")]
    public DeviceChoice Device { get; init; } = DeviceChoice.Auto;
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
