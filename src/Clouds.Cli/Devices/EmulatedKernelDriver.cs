using Clouds.Emulator;
using Clouds.Emulator.Driver;
using Clouds.Verification.Kernels;

namespace Clouds.Cli.Devices;

/// <summary>The emulator as devices are opened over it and as kernels are verified on it: the one place where the two meet.</summary>
internal sealed class EmulatedKernelDriver : IEmulatedDriver
{
    private readonly DriverState _state;

    /// <summary>Starts an emulated GPU.</summary>
    public EmulatedKernelDriver(EmulationSettings settings) => _state = new DriverState(new EmulatorSettings { Architecture = settings.Architecture });

    /// <inheritdoc/>
    public string Name => "the emulated driver";

    /// <inheritdoc/>
    public EmulatedFault? Fault => _state.LastFault is EmulatorFault fault ? new EmulatedFault(Defect(fault.Kind), fault.Message) : null;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, LaunchCount> Counts => _state.Device.Counters.ToDictionary(
        pair => pair.Key,
        pair => new LaunchCount(pair.Value.Sectors, pair.Value.MemorySectors, pair.Value.WarpInstructions, pair.Value.LaneInstructions, pair.Value.Atomics));

    /// <inheritdoc/>
    public string? Leak => _state.Device.MemoryUsed > 0 || _state.OpenHandles > 0
        ? $"{_state.Device.MemoryUsed} bytes of device memory and {_state.OpenHandles} handles did not come back"
        : null;

    /// <inheritdoc/>
    public nint EntryPoint(string name) => _state.EntryPoint(name);

    /// <inheritdoc/>
    public void Schedule(ulong seed, bool detectRaces)
        => _state.Device.Settings = _state.Device.Settings with { Seed = seed, DetectRaces = detectRaces, ResidentBlocks = 1 + (int)(seed % 8) };

    /// <inheritdoc/>
    public void ResetCounts() => _state.Device.ResetCounters();

    /// <inheritdoc/>
    public void Dispose() => _state.Dispose();

    private static EmulatedDefect Defect(FaultKind kind) => kind switch
    {
        FaultKind.Race => EmulatedDefect.Race,
        FaultKind.OutOfBounds or FaultKind.Misaligned or FaultKind.Uninitialised => EmulatedDefect.Memory,
        FaultKind.BadPtx => EmulatedDefect.Ptx,
        FaultKind.Deadlock or FaultKind.WarpSync or FaultKind.Trap or FaultKind.Timeout or FaultKind.BadLaunch => EmulatedDefect.Execution,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown fault"),
    };
}
