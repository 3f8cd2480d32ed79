using System.Runtime.InteropServices;
using Clouds.Emulator.Execution;
using Clouds.Emulator.Memory;
using Clouds.Emulator.Ptx;

namespace Clouds.Emulator;

/// <summary>
/// A GPU of the mind: device memory and kernels from PTX text, run one launch at a time with seeded random schedules, checks and counters.
/// Not safe for several threads at once.
/// </summary>
public sealed unsafe class EmulatedDevice : IDisposable
{
    private readonly DeviceMemory _memory;
    private readonly Dictionary<string, LaunchCounters> _counters = [];

    /// <summary>A device.</summary>
    /// <param name="settings">Schedule, checks and memory size.</param>
    /// <param name="ordinal">Its number behind a driver, from 0.</param>
    public EmulatedDevice(EmulatorSettings? settings = null, int ordinal = 0)
    {
        Settings = settings ?? new EmulatorSettings();
        Ordinal = ordinal;
        _memory = new DeviceMemory(Settings.MemoryBytes, ordinal);
    }

    /// <summary>Its number behind a driver, from 0.</summary>
    public int Ordinal { get; }

    /// <summary>Schedule and checks of the next launch.</summary>
    public EmulatorSettings Settings { get; set; }

    /// <summary>Counters by kernel name, summed over launches since the last <see cref="ResetCounters"/>.</summary>
    public IReadOnlyDictionary<string, LaunchCounters> Counters => _counters;

    /// <summary>Bytes in live allocations.</summary>
    public long MemoryUsed => _memory.Used;

    /// <summary>Most bytes in live allocations since <see cref="ResetCounters"/>.</summary>
    public long MemoryPeak => _memory.Peak;

    /// <summary>Number of live allocations.</summary>
    public int OpenAllocations => _memory.Count;

    /// <summary>Bytes of device memory in all.</summary>
    public long MemoryBytes => _memory.Limit;

    /// <summary>Forgets all counts.</summary>
    public void ResetCounters()
    {
        _counters.Clear();
        _memory.ResetPeak();
    }

    /// <summary>New memory with undefined contents, or 0 where none is left.</summary>
    public ulong Allocate(long bytes) => _memory.Allocate(bytes);

    /// <summary>Frees what <see cref="Allocate"/> gave; false for any other address.</summary>
    public bool Free(ulong address) => _memory.Free(address);

    /// <summary>True where the range lies in one allocation.</summary>
    public bool Holds(ulong address, long bytes) => bytes >= 0 && (bytes == 0 || _memory.Holds(address, (ulong)bytes));

    /// <summary>Host to device.</summary>
    public void Write<T>(ulong address, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values);
        Require(address, bytes.Length);
        bytes.CopyTo(new Span<byte>(_memory.Bytes(address), bytes.Length));
        _memory.MarkWritten(address, bytes.Length);
    }

    /// <summary>Device to host; unwritten bytes may hold anything.</summary>
    public void Read<T>(ulong address, Span<T> values)
        where T : unmanaged
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(values);
        Require(address, bytes.Length);
        new ReadOnlySpan<byte>(_memory.Bytes(address), bytes.Length).CopyTo(bytes);
    }

    /// <summary>Device to device; whether bytes were written travels along.</summary>
    internal void Copy(ulong from, ulong to, long bytes)
    {
        Require(from, bytes);
        Require(to, bytes);
        if (Settings.CountOnly)
        {
            return;
        }

        Buffer.MemoryCopy(_memory.Bytes(from), _memory.Bytes(to), bytes, bytes);
        Buffer.MemoryCopy(_memory.Written(from), _memory.Written(to), bytes, bytes);
    }

    /// <summary>A range of device memory, marked as written.</summary>
    internal byte* Writable(ulong address, long bytes)
    {
        Require(address, bytes);
        if (!Settings.CountOnly)
        {
            _memory.MarkWritten(address, bytes);
        }

        return _memory.Bytes(address);
    }

    /// <summary>Sets a range, element by element.</summary>
    internal void Fill<T>(ulong address, T value, long count)
        where T : unmanaged
    {
        Require(address, count * sizeof(T));
        if (Settings.CountOnly)
        {
            return;
        }

        _memory.MarkWritten(address, count * sizeof(T));
        for (T* element = (T*)_memory.Bytes(address), end = element + count; element < end; element++)
        {
            *element = value;
        }
    }

    /// <summary>A range of device memory.</summary>
    internal byte* Readable(ulong address, long bytes)
    {
        Require(address, bytes);
        return _memory.Bytes(address);
    }

    /// <summary>Decodes PTX text and places its variables.</summary>
    /// <exception cref="EmulatorFault"><see cref="FaultKind.BadPtx"/>.</exception>
    internal PtxModule Load(string ptx) => new(ptx, (bytes, initial) =>
    {
        ulong address = _memory.Allocate(Math.Max(bytes, 1));
        Span<byte> target = new(Writable(address, bytes), (int)bytes);
        target.Clear();
        initial.CopyTo(target);
        return (long)address;
    });

    /// <summary>Runs a kernel to its end.</summary>
    /// <param name="kernel">Decoded kernel.</param>
    /// <param name="geometry">Sizes.</param>
    /// <param name="parameters">Parameter block of the kernel's size.</param>
    /// <exception cref="EmulatorFault">A defect of the kernel or of the launch.</exception>
    internal void Launch(KernelCode kernel, LaunchGeometry geometry, ReadOnlySpan<byte> parameters)
    {
        const int LargestShared = 227 * 1024;
        bool fits = geometry.Block.Count is >= 1 and <= 1024 && geometry.Block.Count <= kernel.MaxThreads && geometry.Grid.Count >= 1
            && geometry.Grid.Y <= 65_535 && geometry.Grid.Z <= 65_535 && geometry.Block.Z <= 64
            && kernel.StaticShared + geometry.DynamicShared <= LargestShared;
        if (!fits || parameters.Length != kernel.ParameterBytes)
        {
            throw new EmulatorFault(
                FaultKind.BadLaunch,
                $"{kernel.Name}: grid {geometry.Grid}, block {geometry.Block}, "
                + $"{kernel.StaticShared} + {geometry.DynamicShared} shared bytes, {parameters.Length} parameter bytes");
        }

        if (!_counters.TryGetValue(kernel.Name, out LaunchCounters? counters) || counters.WarpsAt.Length != kernel.Code.Length)
        {
            _counters[kernel.Name] = counters = new LaunchCounters(kernel.Name, kernel.Code.Length);
        }

        if (Settings.CountOnly)
        {
            return;
        }

        counters.Footprint = new MemoryFootprint();
        byte* block = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(16, parameters.Length), 16);
        try
        {
            parameters.CopyTo(new Span<byte>(block, parameters.Length));
            using LaunchRun run = new(kernel, geometry, block, _memory, Settings, counters);
            run.Execute();
        }
        finally
        {
            NativeMemory.AlignedFree(block);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private void Require(ulong address, long bytes)
    {
        if (!Holds(address, bytes))
        {
            throw new EmulatorFault(FaultKind.OutOfBounds, $"host access to device address 0x{address:x}, {bytes} bytes");
        }
    }
}
