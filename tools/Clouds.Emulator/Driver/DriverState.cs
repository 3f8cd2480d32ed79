using System.Globalization;
using Clouds.Emulator.Execution;
using Clouds.Emulator.Ptx;

namespace Clouds.Emulator.Driver;

/// <summary>What stands behind the driver's entry points: one device, its modules, streams and events, and the faults asked for.</summary>
public sealed class DriverState : IDisposable
{
    /// <summary>Environment of the stand-in library: seed of the schedules.</summary>
    public const string SeedVariable = "CLOUDS_EMULATOR_SEED";

    /// <summary>Environment of the stand-in library: "1" looks for races.</summary>
    public const string RacesVariable = "CLOUDS_EMULATOR_RACES";

    /// <summary>Environment of the stand-in library: bytes of device memory.</summary>
    public const string MemoryVariable = "CLOUDS_EMULATOR_MEMORY";

    /// <summary>Environment of the stand-in library: "cuMemAlloc_v2=2,cuInit=100" makes these calls return these codes.</summary>
    public const string FailVariable = "CLOUDS_EMULATOR_FAIL";

    private readonly Dictionary<nint, object> _handles = [];
    private nint _nextHandle = 0x1000;

    /// <summary>A fresh driver.</summary>
    /// <param name="settings">Of its device; null = from the environment.</param>
    public DriverState(EmulatorSettings? settings = null)
    {
        Reports = settings is null;
        Device = new EmulatedDevice(settings ?? FromEnvironment());
        foreach (string[] pair in (Environment.GetEnvironmentVariable(FailVariable) ?? "").Split(',').Select(item => item.Split('=')).Where(pair => pair.Length == 2))
        {
            Failures[pair[0]] = int.Parse(pair[1], CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Kernel faults go to standard error: nobody can ask a stand-in library for <see cref="LastFault"/>.</summary>
    public bool Reports { get; }

    /// <summary>The device.</summary>
    public EmulatedDevice Device { get; }

    /// <summary>Calls that fail, by entry point, with the code they return.</summary>
    public Dictionary<string, int> Failures { get; } = [];

    /// <summary>What the last kernel or decoding did wrong.</summary>
    public EmulatorFault? LastFault { get; internal set; }

    /// <summary>Times each entry point was called.</summary>
    public Dictionary<string, int> Calls { get; } = [];

    /// <summary>Modules, functions, streams, events and retained contexts that nobody has given back.</summary>
    public int OpenHandles => _handles.Values.Count(handle => handle is not DriverFunction);

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

    private static EmulatorSettings FromEnvironment()
    {
        EmulatorSettings settings = new() { DetectRaces = Environment.GetEnvironmentVariable(RacesVariable) == "1" };
        settings = ulong.TryParse(Environment.GetEnvironmentVariable(SeedVariable), out ulong seed) ? settings with { Seed = seed } : settings;
        return long.TryParse(Environment.GetEnvironmentVariable(MemoryVariable), out long memory) ? settings with { MemoryBytes = memory } : settings;
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

/// <summary>A retained primary context.</summary>
internal sealed class DriverContext;
