using System.Numerics;
using System.Runtime.InteropServices;
using Clouds.Emulator.Ptx;

namespace Clouds.Emulator.Execution;

/// <summary>Why a split does not run.</summary>
internal enum Parking
{
    /// <summary>It runs.</summary>
    None,

    /// <summary>At a block barrier.</summary>
    Block,

    /// <summary>At a warp operation whose other lanes are still elsewhere.</summary>
    Warp,
}

/// <summary>Lanes of a warp that stand at one instruction.</summary>
internal struct Split
{
    public int Pc;
    public uint Mask;
    public Parking Parked;
}

/// <summary>
/// 32 threads. Lanes that stand at the same instruction form a split; the split with the lowest address runs until it meets the next one,
/// which reconverges them. A split at a barrier waits for the rest, whatever its address.
/// </summary>
internal sealed unsafe partial class Warp(ThreadBlock block, int index, byte* registers, byte* local)
{
    private const int BackwardLimit = 64;
    private readonly List<Split> _splits = [];
    private readonly LaunchRun _run = block.Run;
    private int _spins;

    /// <summary>Its block.</summary>
    public ThreadBlock Block => block;

    /// <summary>First thread.</summary>
    public int FirstThread => 32 * index;

    /// <summary>Register file.</summary>
    public byte* Registers => registers;

    /// <summary>Local memory, lane after lane.</summary>
    public byte* Local => local;

    /// <summary>Lanes that have not ended.</summary>
    public uint Live { get; private set; }

    /// <summary>Synchronisations passed; orders the warp's own accesses.</summary>
    public int Epoch { get; private set; }

    /// <summary>It waits at the block's barrier.</summary>
    public bool Waits { get; private set; }

    /// <summary>The parked instructions, for the vote of a reducing barrier.</summary>
    public IReadOnlyList<Split> Splits => _splits;

    /// <summary>Fills registers and starts at the first instruction.</summary>
    public void Start(long blockIndex, int threads)
    {
        KernelCode kernel = _run.Kernel;
        kernel.RegisterImage.CopyTo(new Span<byte>(registers, kernel.RegisterBytes));
        foreach ((string name, int offset) in kernel.Specials)
        {
            for (int lane = 0; lane < 32; lane++)
            {
                ((uint*)(registers + offset))[lane] = SpecialRegisters.Value(name, _run.Geometry, blockIndex, FirstThread + lane);
            }
        }

        NativeMemory.Fill(local, (nuint)(32 * kernel.LocalBytes), 0xCD);
        int lanes = Math.Min(32, threads - FirstThread);
        Live = lanes == 32 ? uint.MaxValue : (1u << lanes) - 1;
        (Epoch, Waits, _spins) = (0, false, 0);
        _splits.Clear();
        _splits.Add(new Split { Pc = 0, Mask = Live });
    }

    /// <summary>Runs up to a number of instructions; stops early at a barrier or the end.</summary>
    public void Step(int quantum)
    {
        while (quantum > 0 && Live != 0 && !Waits)
        {
            int at = Pick();
            if (at < 0)
            {
                Park();
                return;
            }

            RunSplit(at, Limit(at), ref quantum);
            Merge();
        }
    }

    /// <summary>The block's barrier opens.</summary>
    public void Release()
    {
        Waits = false;
        Epoch++;
        for (int i = 0; i < _splits.Count; i++)
        {
            Split split = _splits[i];
            _splits[i] = new Split { Pc = split.Pc + 1, Mask = split.Mask };
        }

        Merge();
    }

    private void Park()
    {
        if (_splits.Exists(split => split.Parked == Parking.Warp))
        {
            Split stuck = _splits.Find(split => split.Parked == Parking.Warp);
            throw _run.Fault(
                FaultKind.Deadlock, this, _run.Kernel.Code[stuck.Pc], BitOperations.TrailingZeroCount(stuck.Mask), "lanes of its member mask never come here");
        }

        Waits = true;
        _run.Counters.Barriers++;
    }

    private void RunSplit(int at, int limit, ref int quantum)
    {
        Split split = _splits[at];
        Instruction[] code = _run.Kernel.Code;
        LaunchCounters counters = _run.Counters;
        bool alone = _splits.Count == 1;
        while (quantum-- > 0)
        {
            Instruction i = code[split.Pc];
            uint mask = split.Mask;
            if (i.Guard >= 0)
            {
                uint predicate = *(uint*)(registers + i.Guard);
                mask &= i.GuardNegated ? ~predicate : predicate;
            }

            counters.WarpInstructions++;
            counters.LaneInstructions += BitOperations.PopCount(mask);
            counters.WarpsAt[split.Pc]++;
            if (i.Kind == InstructionKind.Alu)
            {
                i.Alu(registers, i, mask);
                split.Pc++;
            }
            else if (!Special(i, mask, ref split))
            {
                _splits[at] = split;
                return;
            }

            if (split.Pc >= limit || (!alone && split.Pc <= i.Pc))
            {
                break;
            }
        }

        _splits[at] = split;
    }

    /// <summary>Executes what is no arithmetic.</summary>
    /// <returns>False where the split has to be picked anew.</returns>
    private bool Special(Instruction i, uint mask, ref Split split)
    {
        switch (i.Kind)
        {
            case InstructionKind.Branch:
                return Branch(i, mask, ref split);
            case InstructionKind.Exit:
                Live &= ~mask;
                split.Mask &= ~mask;
                split.Pc++;
                return split.Mask != 0;
            case InstructionKind.Trap when mask != 0:
                throw _run.Fault(FaultKind.Trap, this, i, BitOperations.TrailingZeroCount(mask), "the kernel trapped");
            case InstructionKind.Barrier when mask != 0:
                split.Parked = mask == split.Mask ? Parking.Block : throw _run.Fault(FaultKind.Deadlock,
                    this, i, BitOperations.TrailingZeroCount(mask), "a guarded barrier without all lanes");
                return false;
            case InstructionKind.WarpSync when mask != 0:
                return WarpSync(i, mask, ref split);
            case InstructionKind.Load or InstructionKind.Store or InstructionKind.Atomic or InstructionKind.Copy when mask != 0:
                _run.Accesses.Execute(this, i, mask);
                break;
            case InstructionKind.ActiveMask:
                for (uint rest = mask; rest != 0; rest &= rest - 1)
                {
                    ((uint*)(registers + i.D))[BitOperations.TrailingZeroCount(rest)] = mask;
                }

                break;
        }

        split.Pc++;
        return true;
    }

    private bool Branch(Instruction i, uint mask, ref Split split)
    {
        _spins += i.Target <= i.Pc ? 1 : 0;
        if (mask == split.Mask)
        {
            split.Pc = i.Target;
            return _splits.Count == 1 || split.Pc > i.Pc;
        }

        split.Pc++;
        if (mask == 0)
        {
            return true;
        }

        split.Mask &= ~mask;
        _splits.Add(new Split { Pc = i.Target, Mask = mask });
        _run.Counters.Divergences++;
        return false;
    }

    private bool WarpSync(Instruction i, uint mask, ref Split split)
    {
        uint members = ((uint*)(registers + i.Members))[BitOperations.TrailingZeroCount(mask)];
        uint needed = members & Live;
        if ((mask & ~members) != 0)
        {
            throw _run.Fault(
                FaultKind.WarpSync, this, i, BitOperations.TrailingZeroCount(mask & ~members), $"a lane outside the member mask 0x{members:x8} takes part");
        }

        if ((needed & ~mask) != 0)
        {
            split.Parked = Parking.Warp;
            return false;
        }

        string? wrong = WarpOperations.Run(registers, i, mask);
        if (wrong is not null)
        {
            throw _run.Fault(FaultKind.WarpSync, this, i, BitOperations.TrailingZeroCount(mask), wrong);
        }

        // Shuffles and votes exchange registers; only the warp's barrier orders memory.
        Epoch += i.Operation == "sync" ? 1 : 0;
        split.Pc++;
        return true;
    }
}
