using System.Runtime.InteropServices;

namespace Clouds.Emulator.Execution;

/// <summary>
/// The 32-byte sectors that one launch moves between memory and a second-level cache which is empty at first and holds all of the launch: a
/// sector is fetched once where a load or an atomic comes first, and written back once where anything writes to it.
/// </summary>
internal sealed class MemoryFootprint
{
    private const int PageBits = 12;
    private const byte Fetched = 1;
    private const byte Written = 2;
    private readonly Dictionary<ulong, byte[]> _pages = [];
    private ulong _page = ulong.MaxValue;
    private byte[] _states = [];

    /// <summary>Notes an access; gives the transfers that it adds, 0 to 2.</summary>
    public int Touch(ulong sector, bool reads, bool writes)
    {
        ref byte state = ref State(sector);
        byte before = state;
        if (reads && before == 0)
        {
            state |= Fetched;
        }

        if (writes)
        {
            state |= Written;
        }

        return int.PopCount(before ^ state);
    }

    private ref byte State(ulong sector)
    {
        if (sector >> PageBits != _page)
        {
            _page = sector >> PageBits;
            ref byte[]? page = ref CollectionsMarshal.GetValueRefOrAddDefault(_pages, _page, out _);
            _states = page ??= new byte[1 << PageBits];
        }

        return ref _states[sector & ((1UL << PageBits) - 1)];
    }
}
