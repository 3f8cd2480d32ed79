using Clouds.Emulator.Execution;
using Clouds.Emulator.Ptx;

namespace Clouds.Emulator.Driver;

/// <summary>What stands behind the driver's entry points: one device, its modules, streams and events, and the faults asked for.</summary>
public sealed class DriverState : IDisposable
{
    private readonly Dictionary<nint, object> _handles = [];
    private nint _nextHandle = 0x1000;

    /// <summary>A fresh driver.</summary>
    /// <param name="settings">Of its device; null = the default ones.</param>
    public DriverState(EmulatorSettings? settings = null) => Device = new EmulatedDevice(settings ?? new EmulatorSettings());

    /// <summary>CUDA version, for instance 11080 for 11.8. It takes PTX of that version and older ones.</summary>
    public int Version { get; init; } = 13_000;

    /// <summary>Number of GPUs, 0 or 1.</summary>
    public int Gpus { get; init; } = 1;

    /// <summary>Kernel faults go to standard error: nobody can ask a stand-in library for <see cref="LastFault"/>.</summary>
    public bool Reports { get; init; }

    /// <summary>The device.</summary>
    public EmulatedDevice Device { get; }

    /// <summary>Calls that fail, by entry point, with the code they return.</summary>
    public Dictionary<string, int> Failures { get; } = [];

    /// <summary>Single calls that fail, by entry point and ordinal from 1, with the code they return.</summary>
    public Dictionary<(string Call, int Ordinal), int> SingleFailures { get; } = [];

    /// <summary>What the last kernel or decoding did wrong.</summary>
    public EmulatorFault? LastFault { get; internal set; }

    /// <summary>Times each entry point was called.</summary>
    public Dictionary<string, int> Calls { get; } = [];

    /// <summary>Modules, functions, streams, events and retained contexts that nobody has given back.</summary>
    public int OpenHandles => _handles.Values.Count(handle => handle is not DriverFunction);

    /// <summary>Handle of the device's primary context; 0 while nobody retains it.</summary>
    internal nint PrimaryContext { get; set; }

    /// <summary>Error of an earlier launch; every later call on the context returns it.</summary>
    internal int Sticky { get; set; }

    internal nint Add(object value)
    {
        _handles[_nextHandle] = value;
        return _nextHandle++;
    }

    internal T? Get<T>(nint handle)
        where T : class
        => _handles.GetValueOrDefault(handle) as T;

    internal bool Remove(nint handle) => _handles.Remove(handle);

    /// <inheritdoc/>
    public void Dispose() => Device.Dispose();

    /// <summary>Counts a call.</summary>
    /// <returns>The code it has to fail with, or 0.</returns>
    internal int Enter(string call)
    {
        int ordinal = Calls[call] = Calls.GetValueOrDefault(call) + 1;
        return Failures.TryGetValue(call, out int code) || SingleFailures.TryGetValue((call, ordinal), out code) ? code : 0;
    }
}

/// <summary>A function of a loaded module.</summary>
internal sealed class DriverFunction(KernelCode kernel)
{
    public KernelCode Kernel => kernel;

    /// <summary>Dynamic shared bytes a launch may ask for.</summary>
    public int DynamicLimit { get; set; } = 48 * 1024;
}

/// <summary>A stream; everything on it happens at once.</summary>
internal sealed class DriverStream;

/// <summary>A point in time.</summary>
internal sealed class DriverEvent
{
    public long Ticks { get; set; }
}

/// <summary>The primary context while somebody retains it.</summary>
internal sealed class DriverContext
{
    public int Retained { get; set; }
}
