namespace Clouds.Runtime.Sessions;

/// <summary>How a session is made.</summary>
internal sealed record SessionSettings
{
    /// <summary>Asked-for device; <see cref="DeviceKind.Auto"/> falls back to the processor, <see cref="DeviceKind.Cuda"/> fails instead.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>Threads inside an operator; 0 = one a processor.</summary>
    public int Threads { get; init; }

    /// <summary>Plan one block for all activations. Off: it costs resident memory on training graphs (platform.md section 3).</summary>
    public bool MemoryPattern { get; init; }

    /// <summary>
    /// Keep freed activations for the next run. Off: the system gets them back, which lowers resident memory by a third to a half and costs
    /// page faults, up to a fifth of the time of a training step.
    /// </summary>
    public bool MemoryArena { get; init; } = true;

    /// <summary>
    /// Use our CPU kernels for the operators of domain "clouds". Off, or on CUDA, the lowerings carried in the model run instead, and only
    /// the assignment, which has none, stays ours.
    /// </summary>
    public bool UseCustomOps { get; init; } = true;

    /// <summary>Let ONNX Runtime rewrite the graph; off only to compare.</summary>
    public bool Optimize { get; init; } = true;

    /// <summary>Folder of the external data files that a model given as bytes points into; null = none.</summary>
    public string? ExternalDataFolder { get; init; }

    /// <summary>Told once, in one sentence, why CUDA is not used where <see cref="DeviceKind.Auto"/> fell back.</summary>
    public Action<string>? Warn { get; init; }
}
