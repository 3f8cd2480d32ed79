using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Clouds.Emulator.Memory;

/// <summary>A live allocation.</summary>
internal readonly record struct Allocation(ulong Start, ulong Length);

/// <summary>
/// Device memory: one reserved range of addresses whose pages cost nothing until touched, a table of allocations with red zones between
/// them, and a shadow byte for each byte that says whether it was ever written. Freed ranges are not given out again.
/// </summary>
internal sealed unsafe partial class DeviceMemory : IDisposable
{
    // Null and small integers are never valid addresses.
    private const ulong Lowest = 0x7_0000_0000;
    private const ulong Alignment = 512;
    private const long Reserve = 1L << 39;
    private readonly long _limit;
    private readonly ulong _origin;
    private readonly byte* _bytes;
    private readonly byte* _written;
    private readonly List<Allocation> _allocations = [];
    private ulong _next;
    private Allocation _last;

    /// <summary>Reserves addresses.</summary>
    /// <param name="limit">Sum of live allocations in bytes.</param>
    /// <param name="ordinal">Number of the GPU behind its driver: no two of them share an address, so that one's is never valid on the other.</param>
    public DeviceMemory(long limit, int ordinal)
    {
        _limit = limit;
        _next = _origin = Lowest + ((ulong)ordinal * (ulong)Reserve);
        _bytes = Map(Reserve);
        _written = Map(Reserve);
    }

    /// <summary>Bytes in live allocations.</summary>
    public long Used { get; private set; }

    /// <summary>Most bytes in live allocations since <see cref="ResetPeak"/>.</summary>
    public long Peak { get; private set; }

    /// <summary>Bytes that all allocations together may take.</summary>
    public long Limit => _limit;

    /// <summary>Number of live allocations.</summary>
    public int Count => _allocations.Count;

    /// <summary>First byte of an address's place; unchecked.</summary>
    public byte* Bytes(ulong address) => _bytes + (address - _origin);

    /// <summary>First shadow byte of an address; 1 = written.</summary>
    public byte* Written(ulong address) => _written + (address - _origin);

    /// <summary>A new range, or 0 where the memory is used up.</summary>
    public ulong Allocate(long bytes)
    {
        ulong length = (ulong)bytes;
        if (bytes <= 0 || Used + bytes > _limit || _next - _origin + length + (2 * Alignment) > (ulong)Reserve)
        {
            return 0;
        }

        ulong start = _next;
        _next = (start + length + (2 * Alignment) - 1) / Alignment * Alignment;
        _allocations.Add(new Allocation(start, length));
        Used += bytes;
        Peak = Math.Max(Peak, Used);
        return start;
    }

    /// <summary>Counts the peak from what is live now.</summary>
    public void ResetPeak() => Peak = Used;

    /// <summary>Ends an allocation; its pages go back to the system.</summary>
    /// <returns>False where the address starts no live allocation.</returns>
    public bool Free(ulong address)
    {
        int index = _allocations.FindIndex(allocation => allocation.Start == address);
        if (index < 0)
        {
            return false;
        }

        Allocation freed = _allocations[index];
        _allocations.RemoveAt(index);
        Used -= (long)freed.Length;
        _last = default;
        GiveBack(Bytes(freed.Start), freed.Length);
        GiveBack(Written(freed.Start), freed.Length);
        return true;
    }

    /// <summary>The live allocation that holds an address, or one of length zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Allocation Find(ulong address) => address - _last.Start < _last.Length ? _last : Search(address);

    /// <summary>True where the whole range lies in one allocation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Holds(ulong address, ulong length)
    {
        Allocation allocation = Find(address);
        return address - allocation.Start < allocation.Length && length <= allocation.Length - (address - allocation.Start);
    }

    /// <summary>Marks bytes as written.</summary>
    public void MarkWritten(ulong address, long length) => NativeMemory.Fill(Written(address), (nuint)length, 1);

    /// <inheritdoc/>
    public void Dispose()
    {
        Unmap(_bytes, Reserve);
        Unmap(_written, Reserve);
    }

    private Allocation Search(ulong address)
    {
        (int low, int high) = (0, _allocations.Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _allocations[middle].Start <= address ? (middle + 1, high) : (low, middle);
        }

        return low == 0 ? default : _last = _allocations[low - 1];
    }

    private static byte* Map(long bytes)
    {
        const int ReadWrite = 3;
        const int PrivateAnonymousNoReserve = 0x4022;
        nint address = MemoryMap(0, (nuint)bytes, ReadWrite, PrivateAnonymousNoReserve, -1, 0);
        return address != -1 ? (byte*)address : throw new InsufficientMemoryException($"the emulator cannot reserve {bytes} bytes of addresses");
    }

    // Whole pages only: neighbours may share the first and the last.
    private static void GiveBack(byte* start, ulong length)
    {
        const int DontNeed = 4;
        const ulong Page = 4096;
        ulong first = ((ulong)start + Page - 1) / Page * Page;
        ulong end = ((ulong)start + length) / Page * Page;
        if (first < end)
        {
            _ = MemoryAdvise((nint)first, (nuint)(end - first), DontNeed);
        }
    }

    private static void Unmap(byte* address, long bytes) => MemoryUnmap((nint)address, (nuint)bytes);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint MemoryMap(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MemoryAdvise(nint address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int MemoryUnmap(nint address, nuint length);
}
