using Clouds.Emulator;
using Clouds.Emulator.Driver;
using Clouds.Runtime.Devices;

namespace Clouds.Tests.Runtime;

/// <summary>An emulated driver to open devices over, for instance in the place of the machine's.</summary>
internal sealed class EmulatedDriverTable(DriverState state) : IDriverTable
{
    /// <param name="gpus">Settings of each GPU.</param>
    public EmulatedDriverTable(params EmulatorSettings[] gpus)
        : this(new DriverState(gpus))
    {
    }

    public string Name => "the emulated driver";

    public DriverState State => state;

    public bool IsDisposed { get; private set; }

    public nint EntryPoint(string name) => state.EntryPoint(name);

    public void Dispose()
    {
        IsDisposed = true;
        state.Dispose();
    }
}
