namespace Clouds.Emulator.Execution;

/// <summary>Where shared and local memory lie in generic addresses; device memory lies below both.</summary>
internal static class AddressWindows
{
    /// <summary>First generic address of shared memory.</summary>
    public const ulong Shared = 1UL << 60;

    /// <summary>First generic address of local memory.</summary>
    public const ulong Local = 1UL << 61;
}
