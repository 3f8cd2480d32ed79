using System.Numerics;
using Clouds.Emulator.Lanes;
using Clouds.Emulator.Ptx;

namespace Clouds.Emulator.Execution;

/// <summary>Operations over lanes that have all arrived: shuffles, votes, matches, reductions.</summary>
internal static unsafe class WarpOperations
{
    private static readonly string[] Known =
    [
        "sync", "shfl.up", "shfl.down", "shfl.bfly", "shfl.idx", "vote.ballot", "vote.any", "vote.all", "vote.uni", "match.any", "match.all",
        "redux.add", "redux.min", "redux.max", "redux.and", "redux.or", "redux.xor",
    ];

    /// <summary>True for an operation of the list.</summary>
    public static bool Knows(string operation) => Known.Contains(operation);

    /// <summary>Executes for the lanes of the mask.</summary>
    /// <returns>null, or what is wrong.</returns>
    public static string? Run(byte* registers, Instruction i, uint mask)
    {
        switch (i.Operation)
        {
            case "sync":
                return null;
            case "vote.ballot":
                uint ballot = *(uint*)(registers + i.A) & mask;
                All(registers + i.D, mask, ballot);
                return null;
            case "vote.any" or "vote.all" or "vote.uni":
                uint votes = *(uint*)(registers + i.A) & mask;
                bool result = i.Operation switch { "vote.any" => votes != 0, "vote.all" => votes == mask, _ => votes == 0 || votes == mask };
                LaneLoops.SetPredicate(registers, i.D, mask, result ? uint.MaxValue : 0);
                return null;
            case "match.any" or "match.all":
                Match(registers, i, mask);
                return null;
            default:
                if (i.Operation.StartsWith("shfl", StringComparison.Ordinal))
                {
                    return Shuffle(registers, i, mask);
                }

                All(registers + i.D, mask, Reduce((uint*)(registers + i.A), i, mask));
                return null;
        }
    }

    private static void All(byte* target, uint mask, uint value)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            ((uint*)target)[BitOperations.TrailingZeroCount(mask)] = value;
        }
    }

    private static string? Shuffle(byte* registers, Instruction i, uint mask)
    {
        uint* source = (uint*)(registers + i.A);
        uint* old = stackalloc uint[32];
        Buffer.MemoryCopy(source, old, 128, 128);
        uint inside = 0;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            int from = Source(i.Operation, lane, (int)((uint*)(registers + i.B))[lane], ((uint*)(registers + i.C))[lane]);
            inside |= from >= 0 ? 1u << lane : 0;
            from = from < 0 ? lane : from;
            if ((mask >> from & 1) == 0)
            {
                return $"lane {lane} reads lane {from}, which takes no part";
            }

            ((uint*)(registers + i.D))[lane] = old[from];
        }

        LaneLoops.SetPredicate(registers, i.D2, mask, inside);
        return null;
    }

    /// <summary>The lane to read, or -1 where it lies outside the segment; the rules of the PTX manual.</summary>
    private static int Source(string operation, int lane, int b, uint c)
    {
        int clamp = (int)(c & 31);
        int segment = (int)((c >> 8) & 31);
        int last = (lane & segment) | (clamp & ~segment & 31);
        b &= 31;
        int from = operation switch
        {
            "shfl.up" => lane - b,
            "shfl.down" => lane + b,
            "shfl.bfly" => lane ^ b,
            _ => (lane & segment) | (b & ~segment & 31),
        };
        bool valid = operation == "shfl.up" ? from >= last : from <= last;
        return valid ? from : -1;
    }

    private static void Match(byte* registers, Instruction i, uint mask)
    {
        uint* result = stackalloc uint[32];
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            ulong mine = Conversions.Raw(registers + i.A, i.WidthA, lane);
            result[lane] = 0;
            for (uint others = mask; others != 0; others &= others - 1)
            {
                int other = BitOperations.TrailingZeroCount(others);
                result[lane] |= Conversions.Raw(registers + i.A, i.WidthA, other) == mine ? 1u << other : 0;
            }
        }

        bool same = result[BitOperations.TrailingZeroCount(mask)] == mask;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            ((uint*)(registers + i.D))[lane] = i.Operation == "match.any" ? result[lane] : same ? mask : 0;
        }

        LaneLoops.SetPredicate(registers, i.D2, mask, same ? uint.MaxValue : 0);
    }

    private static uint Reduce(uint* source, Instruction i, uint mask)
    {
        uint result = source[BitOperations.TrailingZeroCount(mask)];
        for (uint rest = mask & (mask - 1); rest != 0; rest &= rest - 1)
        {
            uint value = source[BitOperations.TrailingZeroCount(rest)];
            result = i.Operation switch
            {
                "redux.add" => result + value,
                "redux.min" => i.Signed ? (uint)Math.Min((int)result, (int)value) : Math.Min(result, value),
                "redux.max" => i.Signed ? (uint)Math.Max((int)result, (int)value) : Math.Max(result, value),
                "redux.and" => result & value,
                "redux.or" => result | value,
                _ => result ^ value,
            };
        }

        return result;
    }
}
