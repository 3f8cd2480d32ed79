namespace Clouds.Emulator;

/// <summary>How kernels are run.</summary>
public sealed record EmulatorSettings
{
    /// <summary>Seed of every choice of the scheduler; another seed is another interleaving.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Blocks that run at the same time, at least 1.</summary>
    public int ResidentBlocks { get; init; } = 8;

    /// <summary>Look for unordered accesses; about twice as slow and 40 bytes more for each byte a kernel touches.</summary>
    public bool DetectRaces { get; init; }

    /// <summary>Fail on reads of memory that nothing has written.</summary>
    public bool CheckInitialised { get; init; } = true;

    /// <summary>
    /// Count launches, fills and copies inside the device without doing them: for graphs whose kernels would take hours here. What they would write
    /// holds anything then, and no read is checked for it.
    /// </summary>
    public bool CountOnly { get; init; }

    /// <summary>Warp instructions of one launch after which it counts as hung.</summary>
    public long InstructionLimit { get; init; } = 20_000_000_000;

    /// <summary>Device memory in bytes; only touched pages cost real memory.</summary>
    public long MemoryBytes { get; init; } = 1L << 36;

    /// <summary>By kernel name the first linear block index that runs; earlier ones count as done. For tests of index arithmetic in huge grids.</summary>
    public IReadOnlyDictionary<string, long> FirstBlocks { get; init; } = new Dictionary<string, long>();

    /// <summary>Compute capability times ten.</summary>
    public int Architecture { get; init; } = 80;
}
