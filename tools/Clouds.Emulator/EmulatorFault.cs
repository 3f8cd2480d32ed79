namespace Clouds.Emulator;

/// <summary>What a kernel did wrong.</summary>
public enum FaultKind
{
    /// <summary>The PTX text uses something outside the emulator's inventory, or is damaged.</summary>
    BadPtx,

    /// <summary>An address outside every live allocation, or in a freed one.</summary>
    OutOfBounds,

    /// <summary>An address that is not a multiple of the access's size.</summary>
    Misaligned,

    /// <summary>A read of memory that nothing has written.</summary>
    Uninitialised,

    /// <summary>Two threads touch one place without an order between them, and one of them writes.</summary>
    Race,

    /// <summary>Every warp waits.</summary>
    Deadlock,

    /// <summary>A shuffle or vote whose lanes are not all there, or that reads a lane outside it.</summary>
    WarpSync,

    /// <summary>The kernel executed a trap.</summary>
    Trap,

    /// <summary>More warp instructions than the settings allow.</summary>
    Timeout,

    /// <summary>A launch whose sizes the device does not have.</summary>
    BadLaunch,
}

/// <summary>A defect found while a kernel ran; the message names kernel, instruction, block, warp and lane.</summary>
/// <param name="kind">What happened.</param>
/// <param name="message">Where and with which values.</param>
public sealed class EmulatorFault(FaultKind kind, string message) : Exception($"{kind}: {message}")
{
    /// <summary>What happened.</summary>
    public FaultKind Kind { get; } = kind;
}
