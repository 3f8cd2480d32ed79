using System.Numerics;
using System.Runtime.InteropServices;
using Clouds.Emulator.Lanes;
using Clouds.Emulator.Ptx;

namespace Clouds.Emulator.Execution;

/// <summary>A resident block: its warps and its shared memory. Used again for later blocks of the launch.</summary>
internal sealed unsafe class ThreadBlock : IDisposable
{
    private readonly byte* _memory;
    private readonly int _threads;
    private readonly int _sharedBytes;

    /// <summary>Makes room for the largest block of a launch.</summary>
    public ThreadBlock(LaunchRun run)
    {
        Run = run;
        _threads = (int)run.Geometry.Block.Count;
        _sharedBytes = run.Kernel.StaticShared + run.Geometry.DynamicShared;
        int warps = (_threads + 31) / 32;
        int registers = (run.Kernel.RegisterBytes + 63) / 64 * 64;
        int local = 32 * run.Kernel.LocalBytes;
        long bytes = ((long)warps * (registers + local)) + (2L * _sharedBytes) + 64;
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
        Shared = _memory + ((long)warps * (registers + local));
        SharedWritten = Shared + _sharedBytes;
        Warps = new Warp[warps];
        for (int i = 0; i < warps; i++)
        {
            byte* at = _memory + ((long)i * (registers + local));
            Warps[i] = new Warp(this, i, at, at + registers);
        }
    }

    /// <summary>The launch.</summary>
    public LaunchRun Run { get; }

    /// <summary>Warps in thread order.</summary>
    public Warp[] Warps { get; }

    /// <summary>Linear index in the grid.</summary>
    public long Index { get; private set; }

    /// <summary>Barriers passed.</summary>
    public int Epoch { get; private set; }

    /// <summary>Shared memory.</summary>
    public byte* Shared { get; }

    /// <summary>1 for each byte of it that was written.</summary>
    public byte* SharedWritten { get; }

    /// <summary>Its size.</summary>
    public int SharedBytes => _sharedBytes;

    /// <summary>Races in shared memory; null where they are not looked for.</summary>
    public RaceDetector? Races { get; init; }

    /// <summary>All threads have ended.</summary>
    public bool Done => Array.TrueForAll(Warps, warp => warp.Live == 0);

    /// <summary>Becomes a new block.</summary>
    public void Start(long index)
    {
        (Index, Epoch) = (index, 0);
        NativeMemory.Fill(Shared, (nuint)_sharedBytes, 0xCD);
        NativeMemory.Clear(SharedWritten, (nuint)_sharedBytes);
        Races?.Clear();
        foreach (Warp warp in Warps)
        {
            warp.Start(index, _threads);
        }
    }

    /// <summary>Opens the barrier if every warp that lives waits at it.</summary>
    /// <returns>True where it opened.</returns>
    public bool TryRelease()
    {
        bool waits = false;
        foreach (Warp warp in Warps)
        {
            if (warp.Live != 0 && !warp.Waits)
            {
                return false;
            }

            waits |= warp.Live != 0;
        }

        if (waits)
        {
            Vote();
            Epoch++;
            foreach (Warp warp in Warps)
            {
                if (warp.Live != 0)
                {
                    warp.Release();
                }
            }
        }

        return waits;
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(_memory);

    // Reducing barriers: one result for the block, whichever instruction each lane waits at.
    private void Vote()
    {
        (int count, int voters) = (0, 0);
        foreach ((Warp warp, Split split, Instruction i) in Waiting())
        {
            if (i.Operation != "sync")
            {
                count += BitOperations.PopCount(*(uint*)(warp.Registers + i.A) & split.Mask);
                voters += BitOperations.PopCount(split.Mask);
            }
        }

        foreach ((Warp warp, Split split, Instruction i) in Waiting())
        {
            if (i.Operation == "popc")
            {
                for (uint rest = split.Mask; rest != 0; rest &= rest - 1)
                {
                    ((int*)(warp.Registers + i.D))[BitOperations.TrailingZeroCount(rest)] = count;
                }
            }
            else if (i.Operation is "and" or "or")
            {
                LaneLoops.SetPredicate(warp.Registers, i.D, split.Mask, (i.Operation == "and" ? count == voters : count > 0) ? uint.MaxValue : 0);
            }
        }
    }

    private List<(Warp Warp, Split Split, Instruction Instruction)> Waiting()
        => [.. from warp in Warps where warp.Live != 0 from split in warp.Splits select (warp, split, Run.Kernel.Code[split.Pc])];
}
