using Clouds.Emulator.Ptx;

namespace Clouds.Emulator.Execution;

/// <summary>What a launch did; adds up over launches of one kernel.</summary>
public sealed class LaunchCounters
{
    internal LaunchCounters(string kernel, int instructions)
    {
        Kernel = kernel;
        WarpsAt = new long[instructions];
    }

    /// <summary>Kernel name.</summary>
    public string Kernel { get; }

    /// <summary>Instructions issued to warps.</summary>
    public long WarpInstructions { get; internal set; }

    /// <summary>Instructions times lanes that took part.</summary>
    public long LaneInstructions { get; internal set; }

    /// <summary>Accesses to device memory by warps.</summary>
    public long GlobalRequests { get; internal set; }

    /// <summary>32-byte sectors that these touched; nothing is cached between requests.</summary>
    public long Sectors { get; internal set; }

    /// <summary>Sectors of loads alone.</summary>
    public long LoadSectors { get; internal set; }

    /// <summary>Sectors that move between memory and a second-level cache that is empty before each launch and holds all of it.</summary>
    public long MemorySectors { get; internal set; }

    /// <summary>Accesses to shared memory by warps, wide ones counted in the parts that the hardware splits them into.</summary>
    public long SharedRequests { get; internal set; }

    /// <summary>Passes over the 32 banks that these took; equal to the requests where nothing conflicts.</summary>
    public long BankPasses { get; internal set; }

    /// <summary>Atomic operations of lanes.</summary>
    public long Atomics { get; internal set; }

    /// <summary>Of these, ones that hit a place which another lane of the same instruction also hits.</summary>
    public long AtomicConflicts { get; internal set; }

    /// <summary>Waits of warps at block barriers.</summary>
    public long Barriers { get; internal set; }

    /// <summary>Branches that split a warp.</summary>
    public long Divergences { get; internal set; }

    /// <summary>Warp instructions at each index of the code.</summary>
    internal long[] WarpsAt { get; }

    /// <summary>Bytes of <see cref="Sectors"/>.</summary>
    public long SectorBytes => 32 * Sectors;

    /// <summary>Bytes of <see cref="MemorySectors"/>.</summary>
    public long MemoryBytes => 32 * MemorySectors;

    /// <summary>What the present launch has touched.</summary>
    internal MemoryFootprint Footprint { get; set; } = new();

    internal void Access(Space space, ReadOnlySpan<ulong> addresses, int bytes, bool reads, bool writes)
    {
        if (space == Space.Shared)
        {
            Banks(addresses, bytes);
        }
        else if (space == Space.Global)
        {
            int sectors = CountSectors(addresses, bytes, reads, writes);
            GlobalRequests++;
            Sectors += sectors;
            LoadSectors += writes ? 0 : sectors;
        }
    }

    private int CountSectors(ReadOnlySpan<ulong> addresses, int bytes, bool reads, bool writes)
    {
        Span<ulong> seen = stackalloc ulong[addresses.Length * 2];
        int count = 0;
        foreach (ulong address in addresses)
        {
            for (ulong sector = address >> 5; sector <= (address + (ulong)bytes - 1) >> 5; sector++)
            {
                // Neighbouring lanes mostly share the sector seen last.
                if ((count == 0 || seen[count - 1] != sector) && !seen[..count].Contains(sector))
                {
                    seen[count++] = sector;
                    MemorySectors += Footprint.Touch(sector, reads, writes);
                }
            }
        }

        return count;
    }

    // 8-byte accesses go half a warp at a time, 16-byte ones a quarter.
    private void Banks(ReadOnlySpan<ulong> addresses, int bytes)
    {
        int group = bytes <= 4 ? 32 : bytes == 8 ? 16 : 8;
        Span<ulong> words = stackalloc ulong[128];
        Span<byte> load = stackalloc byte[32];
        for (int start = 0; start < addresses.Length; start += group)
        {
            load.Clear();
            int count = 0;
            foreach (ulong address in addresses.Slice(start, Math.Min(group, addresses.Length - start)))
            {
                for (ulong word = address >> 2; word <= (address + (ulong)bytes - 1) >> 2; word++)
                {
                    if ((count == 0 || words[count - 1] != word) && !words[..count].Contains(word))
                    {
                        words[count++] = word;
                        load[(int)(word & 31)]++;
                    }
                }
            }

            int passes = 1;
            foreach (byte distinct in load)
            {
                passes = Math.Max(passes, distinct);
            }

            SharedRequests++;
            BankPasses += passes;
        }
    }
}
