using System.Collections.Concurrent;
using Clouds.Emulator.Ptx;

namespace Clouds.Emulator.Driver;

/// <summary>A GPU behind a driver with its primary context: modules, streams and events made there are of no use elsewhere.</summary>
internal sealed class DriverGpu : IDisposable
{
    private const nint FirstContext = 0x1000;
    private static readonly ConcurrentDictionary<int, DriverGpu> Known = [];
    private static int _known = -1;
    private static long _handles = 0x10_0000;
    private readonly Dictionary<nint, object> _made = [];

    public DriverGpu(DriverState driver, EmulatedDevice device)
    {
        (Driver, Device) = (driver, device);
        Number = Interlocked.Increment(ref _known);
        Known[Number] = this;
    }

    /// <summary>The driver.</summary>
    public DriverState Driver { get; }

    /// <summary>The device.</summary>
    public EmulatedDevice Device { get; }

    /// <summary>What the driver's calls name it by: its ordinal for the process's first driver, another for every later one.</summary>
    public int Number { get; }

    /// <summary>Handle of the primary context; valid while somebody retains it.</summary>
    public nint Context => FirstContext + Number;

    /// <summary>How often the primary context is retained.</summary>
    public int Retained { get; set; }

    /// <summary>Whether its memory is gone.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Error of an earlier launch; every later call on the context returns it.</summary>
    public int Sticky { get; set; }

    /// <summary>Modules, streams, events and the retained context that nobody has given back.</summary>
    public int OpenHandles => _made.Values.Count(made => made is not DriverFunction) + (Retained > 0 ? 1 : 0);

    /// <summary>The GPU of a device number, or null.</summary>
    public static DriverGpu? OfDevice(int number) => Known.GetValueOrDefault(number);

    /// <summary>The GPU of a retained context, or null.</summary>
    public static DriverGpu? OfContext(nint context) => OfDevice((int)(context - FirstContext)) is { Retained: > 0 } gpu ? gpu : null;

    public nint Add(object made)
    {
        nint handle = (nint)Interlocked.Increment(ref _handles);
        _made[handle] = made;
        return handle;
    }

    public T? Get<T>(nint handle)
        where T : class
        => _made.GetValueOrDefault(handle) as T;

    public bool Remove(nint handle) => _made.Remove(handle);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Known.TryRemove(Number, out _))
        {
            IsGone = true;
            Device.Dispose();
        }
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
