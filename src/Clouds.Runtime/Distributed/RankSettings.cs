using Clouds.Graph.Settings;

namespace Clouds.Runtime.Distributed;

/// <summary>When a rank is given up by the others.</summary>
public sealed record RankSettings
{
    /// <summary>Without any sign of life for so long, a rank is taken for dead: its process is stopped, or its host or the network is gone.</summary>
    [Setting(Unit = "seconds", Min = 1, Max = 3600, Source = "ours")]
    public double Silence { get; init; } = 15;

    /// <summary>
    /// A rank that lives but keeps the others waiting for so long has stalled. Checkpoints, validation and the slowest step have to be shorter.
    /// </summary>
    [Setting(Unit = "seconds", Min = 1, Max = 604_800, Source = "ours")]
    public double Stall { get; init; } = 1800;

    /// <summary>
    /// How the gradients of GPUs are summed: by NCCL from GPU to GPU, in an order of its choice, or through the host's memory in ours; auto: by NCCL
    /// where every rank has it and a GPU of its own.
    /// </summary>
    [Setting(Source = "ours")]
    public GradientPath Gradients { get; init; } = GradientPath.Auto;
}
