using System.Runtime.InteropServices;

namespace Clouds.Emulator.Driver;

/// <summary>
/// One emulated driver: its GPUs, what was called, and the faults asked for. Several may live in a process, each with entry points of its own;
/// they share nothing. Dispose it after everything that was made through it.
/// </summary>
public sealed class DriverState : IDisposable
{
    private readonly DriverGpu[] _gpus;
    private readonly DriverLevelCalls _calls;
    private DriverCounters _traffic;

    /// <summary>A fresh driver with one GPU.</summary>
    /// <param name="settings">Of the GPU; null = the default ones.</param>
    public DriverState(EmulatorSettings? settings = null)
        : this([settings ?? new EmulatorSettings()])
    {
    }

    /// <summary>A fresh driver.</summary>
    /// <param name="gpus">Settings of each GPU; may be empty.</param>
    public DriverState(IReadOnlyList<EmulatorSettings> gpus)
    {
        _gpus = [.. gpus.Select((settings, ordinal) => new DriverGpu(this, new EmulatedDevice(settings, ordinal)))];
        _calls = new DriverLevelCalls(this);
    }

    /// <summary>CUDA version, for instance 11080 for 11.8. It takes PTX of that version and older ones.</summary>
    public int Version { get; init; } = 13_000;

    /// <summary>Kernel faults go to standard error: nobody can ask a stand-in library for <see cref="LastFault"/>.</summary>
    public bool Reports { get; init; }

    /// <summary>Every copy and allocation is written to standard error.</summary>
    public bool Traces { get; init; }

    /// <summary>The GPUs in their order.</summary>
    public IReadOnlyList<EmulatedDevice> Devices => [.. _gpus.Select(gpu => gpu.Device)];

    /// <summary>The first GPU.</summary>
    public EmulatedDevice Device => _gpus[0].Device;

    /// <summary>Calls that fail, by entry point, with the code they return.</summary>
    public Dictionary<string, int> Failures { get; } = [];

    /// <summary>Single calls that fail, by entry point and ordinal from 1, with the code they return.</summary>
    public Dictionary<(string Call, int Ordinal), int> SingleFailures { get; } = [];

    /// <summary>What the last kernel or decoding did wrong.</summary>
    public EmulatorFault? LastFault { get; internal set; }

    /// <summary>Times each entry point was called.</summary>
    public Dictionary<string, int> Calls { get; } = [];

    /// <summary>What went through the driver since <see cref="ResetCounters"/>, and what is open now.</summary>
    public DriverCounters Counters => Traffic with
    {
        OpenAllocations = _gpus.Sum(gpu => gpu.Device.OpenAllocations),
        OpenBytes = _gpus.Sum(gpu => gpu.Device.MemoryUsed),
        PeakBytes = _gpus.Sum(gpu => gpu.Device.MemoryPeak),
    };

    /// <summary>Modules, streams, events and retained contexts that nobody has given back.</summary>
    public int OpenHandles => _gpus.Sum(gpu => gpu.OpenHandles);

    /// <summary>The sums that are added to.</summary>
    internal ref DriverCounters Traffic => ref _traffic;

    /// <summary>Held during every call.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>The GPUs with what was made on them.</summary>
    internal IReadOnlyList<DriverGpu> Gpus => _gpus;

    /// <summary>The address of an entry point that leads to this driver, or 0; valid until the driver is disposed.</summary>
    public nint EntryPoint(string name) => _calls.Find(name) is nint own and not 0 ? own : EmulatedDriver.Find(name);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (DriverGpu gpu in _gpus)
        {
            gpu.Dispose();
        }
    }

    /// <summary>Counts from zero: calls, traffic, and on every GPU kernels and the peak of memory.</summary>
    public void ResetCounters()
    {
        Calls.Clear();
        _traffic = default;
        Array.ForEach(_gpus, gpu => gpu.Device.ResetCounters());
    }

    /// <summary>Lets every call succeed again, and the GPUs work that a kernel's fault had ended.</summary>
    internal void ForgetFailures()
    {
        Failures.Clear();
        SingleFailures.Clear();
        Calls.Clear();
        Array.ForEach(_gpus, gpu => gpu.Sticky = 0);
    }

    /// <summary>Counts a copy.</summary>
    internal void CountCopy(CopyDirection direction, long bytes)
    {
        switch (direction)
        {
            case CopyDirection.Up: (_traffic.Uploads, _traffic.UploadedBytes) = (_traffic.Uploads + 1, _traffic.UploadedBytes + bytes); break;
            case CopyDirection.Down: (_traffic.Downloads, _traffic.DownloadedBytes) = (_traffic.Downloads + 1, _traffic.DownloadedBytes + bytes); break;
            default: (_traffic.InnerCopies, _traffic.InnerBytes) = (_traffic.InnerCopies + 1, _traffic.InnerBytes + bytes); break;
        }

        Trace($"copy {direction.ToString().ToLowerInvariant()}, {bytes} bytes");
    }

    /// <summary>Writes a line where <see cref="Traces"/> asks for it.</summary>
    internal void Trace(FormattableString line)
    {
        if (Traces)
        {
            Console.Error.WriteLine($"emulator: {line}");
        }
    }

    /// <summary>Counts a call.</summary>
    /// <returns>The code it has to fail with, or 0.</returns>
    internal int Enter(string call)
    {
        int ordinal = Calls[call] = Calls.GetValueOrDefault(call) + 1;
        return Failures.TryGetValue(call, out int code) || SingleFailures.TryGetValue((call, ordinal), out code) ? code : 0;
    }
}

/// <summary>Where a copy goes.</summary>
internal enum CopyDirection
{
    /// <summary>From the host to a device.</summary>
    Up,

    /// <summary>From a device to the host.</summary>
    Down,

    /// <summary>From a device to itself.</summary>
    Inside,
}

/// <summary>
/// The entry points that come before any device, so that no argument of theirs says which driver is meant: functions made for one driver. All others
/// find theirs through the device or the thread's context.
/// </summary>
internal sealed unsafe class DriverLevelCalls
{
    private readonly InitCall _init;
    private readonly NumberCall _version;
    private readonly NumberCall _count;
    private readonly DeviceCall _device;

    public DriverLevelCalls(DriverState driver)
    {
        _init = flags => EmulatedDriver.Initialise(driver, flags);
        _version = version => EmulatedDriver.GetVersion(driver, version);
        _count = count => EmulatedDriver.GetCount(driver, count);
        _device = (device, ordinal) => EmulatedDriver.GetDevice(driver, device, ordinal);
    }

    private delegate int InitCall(uint flags);

    private delegate int NumberCall(int* number);

    private delegate int DeviceCall(int* device, int ordinal);

    /// <summary>The function's address, or 0 for every other name.</summary>
    public nint Find(string name) => name switch
    {
        "cuInit" => Marshal.GetFunctionPointerForDelegate(_init),
        "cuDriverGetVersion" => Marshal.GetFunctionPointerForDelegate(_version),
        "cuDeviceGetCount" => Marshal.GetFunctionPointerForDelegate(_count),
        "cuDeviceGet" => Marshal.GetFunctionPointerForDelegate(_device),
        _ => 0,
    };
}
