namespace Clouds.Runtime.Distributed;

/// <summary>
/// A rank's part of the indices 0..total-1: a range without gaps. All ranks' parts together are all indices, in the order of the ranks, and differ in
/// length by one at most.
/// </summary>
/// <param name="First">First index.</param>
/// <param name="Count">Number of indices; 0 where there are more ranks than indices.</param>
/// <param name="Total">Indices of all ranks together.</param>
public readonly record struct IndexShare(int First, int Count, int Total)
{
    /// <summary>One past the last index.</summary>
    public int End => First + Count;

    /// <summary>Where an item of this rank is in an endless sequence of which every <see cref="Total"/> are dealt out so, as images of steps are.</summary>
    public long PlaceOf(long item)
    {
        (long round, long index) = Math.DivRem(item, Count);
        return (round * Total) + First + index;
    }

    /// <summary>All indices.</summary>
    public static IndexShare All(int total) => new(0, total, total);

    /// <summary>The part of one of several ranks.</summary>
    /// <param name="total">Indices of all ranks together, at least 0.</param>
    /// <param name="rank">The rank, from 0.</param>
    /// <param name="ranks">Number of ranks, at least 1.</param>
    public static IndexShare Of(int total, int rank, int ranks)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(total);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ranks);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, ranks);
        int first = (int)((long)total * rank / ranks);
        return new IndexShare(first, (int)((long)total * (rank + 1) / ranks) - first, total);
    }
}
