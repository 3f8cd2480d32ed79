namespace Clouds.Verification.Kernels;

/// <summary>What one kernel entry did on an emulated GPU, summed over its launches.</summary>
/// <param name="Sectors">32-byte sectors of device memory that warps asked for; nothing is cached between requests.</param>
/// <param name="MemorySectors">Sectors that move between memory and a second-level cache which is empty before each launch and holds all of it.</param>
/// <param name="WarpInstructions">Instructions issued to warps.</param>
/// <param name="LaneInstructions">Instructions times lanes that took part.</param>
/// <param name="Atomics">Atomic operations of lanes.</param>
public sealed record LaunchCount(long Sectors, long MemorySectors, long WarpInstructions, long LaneInstructions, long Atomics)
{
    /// <summary>Bytes of the sectors.</summary>
    public long Bytes => 32 * Sectors;

    /// <summary>Bytes of the memory sectors.</summary>
    public long MemoryBytes => 32 * MemorySectors;
}

/// <summary>A figure that has a limit of its own beside the whole kernel's bytes.</summary>
/// <param name="What">Name and unit, for instance "warp instructions of components_tile a pixel".</param>
/// <param name="Value">The figure from the counts by entry, before it is divided by the problem's units.</param>
/// <param name="Limit">Largest value a unit.</param>
public sealed record KernelBar(string What, Func<IReadOnlyDictionary<string, LaunchCount>, double> Value, double Limit)
{
    /// <summary>Bytes of some entries.</summary>
    public static KernelBar Bytes(string what, double limit, params string[] entries)
        => new(what, counts => counts.Where(count => entries.Contains(count.Key)).Sum(count => count.Value.Bytes), limit);
}

/// <summary>What a problem asks of a machine at least.</summary>
/// <param name="LeastBytes">Bytes that have to move between memory and processor: the minimum of the kernel's card.</param>
/// <param name="Operations">Arithmetic operations: floating-point ones, or comparisons of a labelling.</param>
/// <param name="Unit">What it has many of, for instance "pixel".</param>
/// <param name="Units">How many.</param>
public sealed record KernelWork(double LeastBytes, double Operations, string Unit, double Units)
{
    /// <summary>Counted bytes over the least without a reason to be given.</summary>
    public const double FreeRatio = 1.3;

    /// <summary>Counted bytes may be this many times the least.</summary>
    public double AllowedRatio { get; init; } = FreeRatio;

    /// <summary>Bytes that move between memory and an empty second-level cache may be this many times the least.</summary>
    public double AllowedMemoryRatio { get; init; } = FreeRatio;

    /// <summary>Why the allowed ratio is above <see cref="FreeRatio"/>, in one sentence; null where it is not.</summary>
    public string? Reason { get; init; }

    /// <summary>Figures with limits of their own.</summary>
    public IReadOnlyList<KernelBar> Bars { get; init; } = [];
}
