using Clouds.Runtime.Devices;

namespace Clouds.Training.Engine;

/// <summary>Where a training runs. Nothing here changes what is learned, the device and its threads aside.</summary>
/// <param name="Folder">Where checkpoints, history and model go.</param>
/// <param name="Device">Where graphs run; borrowed.</param>
public sealed record TrainerOptions(RunFolder Folder, Device Device)
{
    /// <summary>Processor threads of a step; 0: one a processor.</summary>
    public int Threads { get; init; }

    /// <summary>Samples that are made ready at once, beside the step; 0: as many as help.</summary>
    public int Workers { get; init; }

    /// <summary>Whether a run is begun for which the machine has not the memory that is foreseen.</summary>
    public bool AcceptMemory { get; init; }

    /// <summary>Told in a sentence what a user should know; null: nobody.</summary>
    public Action<string>? Warn { get; init; }
}
