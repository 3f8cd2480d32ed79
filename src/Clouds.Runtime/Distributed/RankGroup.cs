using System.Runtime.InteropServices;
using Clouds.Diagnostics;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Native;

namespace Clouds.Runtime.Distributed;

/// <summary>
/// The processes that do one piece of work together: ranks 0 to <see cref="Count"/> - 1, started by mpirun or srun and joined by Open MPI. A process
/// that was started alone is a group of one, for which every call here returns at once and no library is loaded. Calls that have a text for what they
/// are for are collective: every rank makes them, in the same order, from one thread at a time.
/// </summary>
public sealed class RankGroup : IDisposable
{
    private readonly RankLine? _line;

    private RankGroup()
    {
    }

    private RankGroup(RankLine line, Launch launch, RankSettings settings)
        => (_line, Rank, Count, LocalRank, Path) = (line, launch.Rank, launch.Count, launch.LocalRank, settings.Gradients);

    /// <summary>A group of one.</summary>
    public static RankGroup Alone { get; } = new();

    /// <summary>Number of this process, from 0.</summary>
    public int Rank { get; }

    /// <summary>Number of processes, at least 1.</summary>
    public int Count { get; } = 1;

    /// <summary>Number of this process among those on its host, from 0.</summary>
    public int LocalRank { get; }

    /// <summary>How gradients of GPUs meet.</summary>
    internal GradientPath Path { get; }

    /// <summary>Whether this is rank 0, which alone writes what all have done.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>Whether this rank saves what all have in common: rank 0, or where that is lost the next one.</summary>
    public bool Saves => _line is null || Enumerable.Range(0, Rank).All(_line.LostRanks.Contains);

    /// <summary>Cancelled when another rank is lost.</summary>
    public CancellationToken Lost => _line?.Lost ?? CancellationToken.None;

    /// <summary>Joins the processes that were started with this one; a process does so once. Where it was started alone: <see cref="Alone"/>.</summary>
    /// <param name="settings">When a rank is given up.</param>
    /// <exception cref="CloudsException">
    /// <see cref="Failure.Device"/>: Open MPI is not there, does not work or is not what has started the ranks; Usage: variables or versions do not fit.
    /// </exception>
    public static RankGroup Join(RankSettings settings) => Launch.Of(Environment.GetEnvironmentVariable) is Launch launch
        ? new RankGroup(new RankLine(OpenMpi.Default, launch, settings), launch, settings)
        : Alone;

    /// <summary>This rank's part of the indices 0..total-1.</summary>
    public IndexShare Share(int total) => IndexShare.Of(total, Rank, Count);

    /// <summary>Does something on rank 0, and then on the others, which find what it has made.</summary>
    public T FirstThenOthers<T>(string what, Func<T> work)
    {
        if (!IsFirst)
        {
            Meet(what);
        }

        T result = work();
        if (IsFirst)
        {
            Meet(what);
        }

        return result;
    }

    /// <summary>Notes where this rank is, for the others' messages should it be lost.</summary>
    /// <param name="step">Step of a training; -1: none.</param>
    /// <param name="place">What it does, in a few words.</param>
    public void At(long step, string place) => _line?.Note(step, place);

    /// <summary>Waits for all.</summary>
    /// <param name="what">What for, in words; the same on every rank, here and below.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: a rank is lost, here and below.</exception>
    public void Meet(string what) => Gather<byte>([], what);

    /// <summary>Whether it is so on any rank.</summary>
    public bool Any(bool here, string what) => Gather<byte>([here ? (byte)1 : (byte)0], what).Any(rank => rank[0] != 0);

    /// <summary>The numbers of all ranks, in their order; every rank has as many.</summary>
    public T[][] Gather<T>(ReadOnlySpan<T> here, string what)
        where T : unmanaged
    {
        if (_line is null)
        {
            return [here.ToArray()];
        }

        using Exchange exchange = new(what, MemoryMarshal.AsBytes(here));
        _line.Do(exchange);
        return [.. exchange.All.Select(bytes => MemoryMarshal.Cast<byte, T>(bytes).ToArray())];
    }

    /// <summary>The bytes of all ranks, in their order; each may have as many as it likes.</summary>
    public byte[][] GatherBytes(ReadOnlySpan<byte> here, string what)
    {
        int[] lengths = [.. Gather([here.Length], what).Select(length => length[0])];
        byte[] padded = new byte[lengths.Max()];
        here.CopyTo(padded);
        return [.. Gather<byte>(padded, what).Zip(lengths, (bytes, length) => bytes[..length])];
    }

    /// <summary>The sums of numbers over all ranks, added in their order.</summary>
    public long[] Sum(ReadOnlySpan<long> here, string what)
    {
        long[][] all = Gather(here, what);
        return [.. Enumerable.Range(0, here.Length).Select(i => all.Sum(rank => rank[i]))];
    }

    /// <summary>The means of numbers over all ranks.</summary>
    public double[] Mean(ReadOnlySpan<double> here, string what)
    {
        double[][] all = Gather(here, what);
        return [.. Enumerable.Range(0, here.Length).Select(i => all.Sum(rank => rank[i]) / Count)];
    }

    /// <summary>The mean of a buffer of floats over all ranks, in its place.</summary>
    internal unsafe void MeanInPlace(NativeBuffer buffer, string what)
    {
        if (_line is not null)
        {
            using RingSum sum = new(what, (float*)buffer.Pointer, buffer.Floats);
            _line.Do(sum);
        }
    }

    /// <summary>Waits for work that the ranks do together by another library's messages, and for a rank that is lost in it.</summary>
    internal void Await(Task work, string what)
    {
        using Awaited awaited = new(what, work);
        _line!.Do(awaited);
    }

    /// <summary>Tells the others, when this rank leaves, what it has failed with: they end with that, too.</summary>
    public void Fail(Failure failure) => _line?.Fail(failure);

    /// <summary>Takes leave of the others; waits until they do, or for a while where a rank is lost.</summary>
    public void Dispose() => _line?.Dispose();
}
