namespace Clouds.Runtime.Sessions;

/// <summary>How a session is made.</summary>
public sealed record SessionSettings
{
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
    /// Use our kernels for the operators of domain "clouds": those of the processor, or on CUDA those of kernels/*.cu, on the provider's own
    /// tensors and stream; layer normalisation, which has no CUDA kernel, is ONNX Runtime's operator there. Off, or where the CUDA kernels
    /// cannot be made, the lowerings carried in the model run instead. The assignment, which has no lowering, is always ours and on the processor.
    /// </summary>
    public bool UseCustomOps { get; init; } = true;

    /// <summary>Register no operator of ours at all: the model has to do with the standard's, as in any other program.</summary>
    public bool StandardOnly { get; init; }

    /// <summary>Let ONNX Runtime rewrite the graph; off only to compare.</summary>
    public bool Optimize { get; init; } = true;

    /// <summary>Weights that the model's external data lie in; they must outlive the session. Null: it has none.</summary>
    public SharedWeights? Weights { get; init; }
}
