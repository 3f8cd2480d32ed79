using System.Runtime.InteropServices;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Native;

namespace Clouds.Runtime.Distributed;

/// <summary>The GPUs of all ranks, one each, as NCCL has them. Dispose it before the GPU.</summary>
internal sealed unsafe class NcclGroup : IDisposable
{
    /// <summary>Floats of a call at most, 16 MB.</summary>
    internal const long ChunkFloats = 1 << 22;

    private const int Float32 = 7;
    private const int Average = 4;
    private const int LongestCall = 2000;
    private readonly RankGroup _ranks;
    private readonly Gpu _gpu;
    private readonly Nccl _nccl;
    private readonly Lock _call = new();
    private nint _communicator;

    /// <summary>Joins the GPUs of the others; every rank makes one.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException"><see cref="Clouds.Diagnostics.Failure.Device"/>: NCCL fails, or a rank is lost.</exception>
    public NcclGroup(RankGroup ranks, Gpu gpu, Nccl nccl)
    {
        (_ranks, _gpu, _nccl) = (ranks, gpu, nccl);
        NcclId id = default;
        if (ranks.IsFirst)
        {
            nccl.Check(nccl.ncclGetUniqueId(&id));
        }

        byte[] first = ranks.Gather<byte>(new ReadOnlySpan<byte>(id.Bytes, NcclId.Length), "name of the GPUs' group")[0];
        Together("meeting of the GPUs", () => Join(MemoryMarshal.Read<NcclId>(first)));
    }

    /// <summary>Replaces an array on each rank's GPU by the mean over all ranks, in an order that NCCL chooses.</summary>
    /// <param name="data">As long on every rank.</param>
    /// <param name="what">What it is for.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException"><see cref="Clouds.Diagnostics.Failure.Device"/>: NCCL fails, or a rank is lost.</exception>
    public void Mean(DeviceSpan<float> data, string what)
    {
        (ulong address, long length) = (data.Address, data.Length);
        Together(what, () =>
        {
            _gpu.Context.MakeCurrent();
            for (long done = 0; done < length; done += ChunkFloats)
            {
                Reduce(address + (ulong)(done * sizeof(float)), (nuint)Math.Min(ChunkFloats, length - done));
            }

            _gpu.Stream.Synchronise();
        });
    }

    /// <inheritdoc/>
    public void Dispose() => Abort();

    private void Join(NcclId id)
    {
        nint communicator = 0;
        _gpu.Context.MakeCurrent();
        _nccl.Check(_nccl.ncclCommInitRank(&communicator, _ranks.Count, id, _ranks.Rank));
        _communicator = communicator;
    }

    private void Reduce(ulong address, nuint count)
    {
        lock (_call)
        {
            if (_communicator != 0)
            {
                _nccl.Check(_nccl.ncclAllReduce(address, address, count, Float32, Average, _communicator, _gpu.Stream.Handle));
            }
        }
    }

    // NCCL waits for a rank that is gone until it is told not to: on a thread of its own, while signs of life go on.
    private void Together(string what, Action work)
    {
        Task begun = Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            _ranks.Await(begun, what);
        }
        catch
        {
            Abort();
            throw;
        }
    }

    // Also the end of a group without failures: destroying one would wait for the others. A call that waits for a lost rank holds the lock, and
    // only this ends it.
    private void Abort()
    {
        bool free = _call.TryEnter(LongestCall);
        nint communicator = Interlocked.Exchange(ref _communicator, 0);
        if (communicator != 0)
        {
            _nccl.ncclCommAbort(communicator);
        }

        if (free)
        {
            _call.Exit();
        }
    }
}
