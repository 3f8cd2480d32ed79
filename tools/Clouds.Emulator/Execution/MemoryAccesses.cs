using System.Numerics;
using Clouds.Emulator.Lanes;
using Clouds.Emulator.Memory;
using Clouds.Emulator.Ptx;

namespace Clouds.Emulator.Execution;

/// <summary>Executes loads, stores, atomics and copies with their checks; lanes go in an order drawn from the schedule.</summary>
internal sealed unsafe class MemoryAccesses(LaunchRun run, DeviceMemory memory, EmulatorSettings settings)
{
    private readonly RaceDetector? _races = settings.DetectRaces ? new RaceDetector() : null;
    private readonly bool _checkInitialised = settings.CheckInitialised;

    /// <summary>Executes for the lanes of the mask, at least one.</summary>
    public void Execute(Warp warp, Instruction i, uint mask)
    {
        int bytes = i.Kind is InstructionKind.Atomic or InstructionKind.Copy ? i.Size : i.Size * i.Elements.Length;
        Span<ulong> addresses = stackalloc ulong[32];
        Space space = i.Space;
        int count = 0;

        // Any order of the lanes is legal, and a kernel that depends on one is wrong: start anywhere, step by an odd number.
        ulong draw = run.Random.Next();
        int first = (int)(draw & 31);
        int step = (int)(draw >> 5 & 30) | 1;
        for (int n = 0; n < 32; n++)
        {
            int lane = (first + (n * step)) & 31;
            if ((mask >> lane & 1) == 0)
            {
                continue;
            }

            ulong address = Address(warp.Registers, i, lane);
            space = Resolve(i.Space, ref address);
            addresses[count++] = address;
            Lane(warp, i, lane, space, address, bytes);
        }

        Count(i, space, addresses, mask, bytes);
    }

    private static ulong Address(byte* registers, Instruction i, int lane)
        => (ulong)((long)(i.AddressWidth == 8 ? ((ulong*)(registers + i.A))[lane] : ((uint*)(registers + i.A))[lane]) + i.Offset);

    private static Space Resolve(Space space, ref ulong address)
    {
        if (space != Space.Generic)
        {
            return space;
        }

        if (address >= AddressWindows.Local)
        {
            address -= AddressWindows.Local;
            return Space.Local;
        }

        if (address >= AddressWindows.Shared)
        {
            address -= AddressWindows.Shared;
            return Space.Shared;
        }

        return Space.Global;
    }

    private void Count(Instruction i, Space space, Span<ulong> drawn, uint mask, int bytes)
    {
        int count = BitOperations.PopCount(mask);
        if (i.Kind == InstructionKind.Atomic)
        {
            run.Counters.Atomics += count;
            drawn[..count].Sort();
            for (int n = 1; n < count; n++)
            {
                run.Counters.AtomicConflicts += drawn[n] == drawn[n - 1] ? 1 : 0;
            }
        }
        else if (bytes > 4 && space == Space.Shared)
        {
            // The parts of a wide access follow the lanes' numbers, which addresses do in all but exotic cases.
            drawn[..count].Sort();
        }

        run.Counters.Access(
            space, drawn[..count], bytes, reads: i.Kind is not InstructionKind.Store, writes: i.Kind is InstructionKind.Store or InstructionKind.Atomic);
    }

    private void Lane(Warp warp, Instruction i, int lane, Space space, ulong address, int bytes)
    {
        if ((address & (ulong)(bytes - 1)) != 0)
        {
            throw run.Fault(FaultKind.Misaligned, warp, i, lane, $"address 0x{address:x} is no multiple of {bytes}");
        }

        byte* at = Place(warp, i, lane, space, address, bytes, out byte* written);
        switch (i.Kind)
        {
            case InstructionKind.Load:
                Initialised(warp, i, lane, written, address, bytes);
                Race(warp, i, lane, space, address, bytes, write: false, same: false);
                Load(warp.Registers, i, lane, at);
                break;
            case InstructionKind.Store:
                Store(warp, i, lane, space, address, at, written, bytes);
                break;
            case InstructionKind.Atomic:
                Initialised(warp, i, lane, written, address, bytes);
                Race(warp, i, lane, space, address, bytes, write: true, same: false);
                Atomic(warp.Registers, i, lane, at);
                break;
            default:
                Copy(warp, i, lane, at, written, address);
                break;
        }
    }

    private byte* Place(Warp warp, Instruction i, int lane, Space space, ulong address, int bytes, out byte* written)
    {
        written = null;
        switch (space)
        {
            case Space.Global when memory.Holds(address, (ulong)bytes):
                written = memory.Written(address);
                return memory.Bytes(address);
            case Space.Shared when address + (ulong)bytes <= (ulong)warp.Block.SharedBytes:
                written = warp.Block.SharedWritten + address;
                return warp.Block.Shared + address;
            case Space.Local when address + (ulong)bytes <= (ulong)run.Kernel.LocalBytes:
                return warp.Local + ((long)lane * run.Kernel.LocalBytes) + (long)address;
            case Space.Parameter when address + (ulong)bytes <= (ulong)run.Kernel.ParameterBytes:
                return run.Parameters + address;
            default:
                Allocation near = space == Space.Global ? memory.Find(address) : default;
                string place = near.Length == 0 ? "" : $"; the allocation before it starts at 0x{near.Start:x} and has {near.Length} bytes";
                throw run.Fault(FaultKind.OutOfBounds, warp, i, lane, $"{space} address 0x{address:x}, {bytes} bytes{place}");
        }
    }

    private void Initialised(Warp warp, Instruction i, int lane, byte* written, ulong address, int bytes)
    {
        if (written is null || !_checkInitialised)
        {
            return;
        }

        if (new ReadOnlySpan<byte>(written, bytes).Contains((byte)0))
        {
            throw run.Fault(FaultKind.Uninitialised, warp, i, lane, $"nothing has written address 0x{address:x}, {bytes} bytes");
        }
    }

    private void Race(Warp warp, Instruction i, int lane, Space space, ulong address, int bytes, bool write, bool same)
    {
        RaceDetector? detector = space switch { Space.Global => _races, Space.Shared => warp.Block.Races, _ => null };
        if (detector is null)
        {
            return;
        }

        Accessor who = new(warp.Block.Index, warp.FirstThread + lane, warp.Block.Epoch, warp.Epoch, run.Counters.WarpInstructions);
        string? race = detector.Note(address, bytes, who, write, i.Flagged, same);
        if (race is not null)
        {
            throw run.Fault(FaultKind.Race, warp, i, lane, $"{space} {race}");
        }
    }

    private static void Load(byte* registers, Instruction i, int lane, byte* at)
    {
        foreach (int element in i.Elements)
        {
            ulong value = i.Size switch { 1 => *at, 2 => *(ushort*)at, 4 => *(uint*)at, _ => *(ulong*)at };
            if (i.Signed && i.Size < i.ElementWidth)
            {
                int unused = 64 - (8 * i.Size);
                value = (ulong)((long)(value << unused) >> unused);
            }

            Conversions.SetRaw(registers + element, i.ElementWidth, lane, value);
            at += i.Size;
        }
    }

    private void Store(Warp warp, Instruction i, int lane, Space space, ulong address, byte* at, byte* written, int bytes)
    {
        ulong* staged = stackalloc ulong[4];
        byte* next = (byte*)staged;
        foreach (int element in i.Elements)
        {
            ulong value = Conversions.Raw(warp.Registers + element, i.ElementWidth, lane);
            Conversions.SetRaw(next, i.Size, 0, value);
            next += i.Size;
        }

        ReadOnlySpan<byte> fresh = new(staged, bytes);
        Race(warp, i, lane, space, address, bytes, write: true, same: _races is not null && fresh.SequenceEqual(new ReadOnlySpan<byte>(at, bytes)));
        fresh.CopyTo(new Span<byte>(at, bytes));
        if (written is not null)
        {
            new Span<byte>(written, bytes).Fill(1);
        }
    }

    private static void Atomic(byte* registers, Instruction i, int lane, byte* at)
    {
        ulong old = Conversions.Raw(at, i.Size, 0);
        ulong b = Conversions.Raw(registers + i.B, i.Size, lane);
        ulong c = Conversions.Raw(registers + i.C, i.Size, lane);
        Conversions.SetRaw(at, i.Size, 0, i.Atomic!(old, b, c));
        if (i.D >= 0)
        {
            Conversions.SetRaw(registers + i.D, i.Size, lane, old);
        }
    }

    private void Copy(Warp warp, Instruction i, int lane, byte* at, byte* written, ulong address)
    {
        Initialised(warp, i, lane, written, address, i.Size);
        Race(warp, i, lane, Space.Global, address, i.Size, write: false, same: false);
        ulong target = Conversions.Raw(warp.Registers + i.B, i.WidthA, lane) + (ulong)i.C;
        byte* into = Place(warp, i, lane, Space.Shared, target, i.Size, out byte* marks);
        Race(warp, i, lane, Space.Shared, target, i.Size, write: true, same: false);
        Buffer.MemoryCopy(at, into, i.Size, i.Size);
        new Span<byte>(marks, i.Size).Fill(1);
    }
}
