using Clouds.Runtime.Devices;

namespace Clouds.Verification.Kernels;

/// <summary>What an emulated GPU is to be.</summary>
/// <param name="Architecture">Compute capability times ten.</param>
public sealed record EmulationSettings(int Architecture = 80);

/// <summary>What kind of defect an emulator found.</summary>
public enum EmulatedDefect
{
    /// <summary>Threads that are not ordered touch one place, and one of them writes.</summary>
    Race,

    /// <summary>An address outside every allocation, misaligned, or read before it was written.</summary>
    Memory,

    /// <summary>PTX outside the emulator's inventory.</summary>
    Ptx,

    /// <summary>A deadlock, a trap, a warp operation without its lanes, or a launch whose sizes the device does not have.</summary>
    Execution,
}

/// <summary>A defect with the emulator's words for it.</summary>
public sealed record EmulatedFault(EmulatedDefect Defect, string Message);

/// <summary>A CUDA driver with an emulated GPU behind it, which can be asked what it saw, also when the device opened over it has disposed it.</summary>
public interface IEmulatedDriver : IDriverTable
{
    /// <summary>What the last kernel or decoding did wrong; null = nothing.</summary>
    EmulatedFault? Fault { get; }

    /// <summary>What each kernel entry did since the last <see cref="ResetCounts"/>.</summary>
    IReadOnlyDictionary<string, LaunchCount> Counts { get; }

    /// <summary>What nobody has given back, in words; null = everything came back.</summary>
    string? Leak { get; }

    /// <summary>Sets how the next launches run.</summary>
    /// <param name="seed">Seed of the schedule.</param>
    /// <param name="detectRaces">Look for races; slower.</param>
    void Schedule(ulong seed, bool detectRaces);

    /// <summary>Forgets all counts.</summary>
    void ResetCounts();
}
