namespace Clouds.Runtime.Distributed;

/// <summary>On which way the gradients of GPUs meet.</summary>
public enum GradientPath
{
    /// <summary>By NCCL, where every rank has it and a GPU of its own; otherwise as <see cref="Host"/>, which is told.</summary>
    Auto,

    /// <summary>Through the host's memory and MPI: the sum has one order.</summary>
    Host,

    /// <summary>By NCCL, or not at all.</summary>
    Nccl,
}
