using System.Numerics;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Sessions;

/// <summary>
/// ONNX Runtime's pool of device memory (BFCArena, 1.31) as a model: what it would take from the GPU. It grows by regions, never gives one back, cuts
/// the smallest free chunk that fits, and joins neighbours that are free.
/// </summary>
/// <param name="growth">How it grows.</param>
internal sealed class DevicePool(ArenaGrowth growth)
{
    private const long Unit = 256;
    private const long FirstRegion = 1 << 20;
    private const long LargestDoubling = 1 << 30;

    // A chunk that is larger by less than this, and by less than half, is given out whole.
    private const long MostUnused = 128 << 20;

    // By size, so that the first that is large enough is the best.
    private readonly SortedSet<Chunk> _free = [];
    private long _nextRegion = FirstRegion;
    private int _regions;

    /// <summary>Bytes taken from the GPU so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Memory for a tensor.</summary>
    public Chunk Allocate(long bytes)
    {
        long size = Math.Max(1, (bytes + Unit - 1) / Unit) * Unit;
        Chunk chunk = _free.GetViewBetween(new Chunk(size, 0, 0), Chunk.Largest).Min ?? Grow(size);
        _free.Remove(chunk);
        if (chunk.Size < 2 * size && chunk.Size - size < MostUnused)
        {
            return chunk;
        }

        _free.Add(chunk with { Start = chunk.Start + size, Size = chunk.Size - size });
        return chunk with { Size = size };
    }

    /// <summary>Gives a tensor's memory back to the pool.</summary>
    public void Free(Chunk chunk)
    {
        foreach (Chunk neighbour in _free.Where(free => free.Touches(chunk)).ToArray())
        {
            _free.Remove(neighbour);
            chunk = new Chunk(chunk.Size + neighbour.Size, chunk.Region, Math.Min(chunk.Start, neighbour.Start));
        }

        _free.Add(chunk);
    }

    private Chunk Grow(long size)
    {
        long region = growth == ArenaGrowth.SameAsRequested ? size : Doubled(size);
        Bytes += region;
        return new Chunk(region, _regions++, 0);
    }

    private long Doubled(long size)
    {
        long region = _nextRegion;
        while (region < size)
        {
            region *= 2;
        }

        _nextRegion = region > _nextRegion ? region : Math.Min(2 * region, LargestDoubling);
        return region;
    }

    /// <summary>A piece of a region.</summary>
    internal sealed record Chunk(long Size, int Region, long Start) : IComparable<Chunk>
    {
        /// <summary>Behind all others.</summary>
        public static Chunk Largest { get; } = new(long.MaxValue, int.MaxValue, long.MaxValue);

        public bool Touches(Chunk other) => Region == other.Region && (Start + Size == other.Start || other.Start + other.Size == Start);

        public int CompareTo(Chunk? other) => (Size, Region, Start).CompareTo((other!.Size, other.Region, other.Start));
    }
}
