using Clouds.Emulator;
using Clouds.Emulator.Driver;
using Clouds.Runtime.Compilation;

namespace Clouds.Cli.Devices;

/// <summary>A GPU of the mind: the product's own device classes over an emulated driver. Dispose it.</summary>
internal sealed class EmulatedMachine : IDisposable
{
    /// <summary>Starts an emulated driver and opens its GPU.</summary>
    /// <param name="settings">Schedule, checks, architecture.</param>
    public EmulatedMachine(EmulatorSettings settings)
    {
        State = new DriverState(settings);
        Gpu = Gpu.Open(State.EntryPoint, "the emulated driver");
    }

    /// <summary>The device as kernels' hosts see it.</summary>
    public Gpu Gpu { get; }

    /// <summary>What stands behind it: counters, faults, schedule.</summary>
    public DriverState State { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Gpu.Dispose();
        State.Dispose();
    }
}
