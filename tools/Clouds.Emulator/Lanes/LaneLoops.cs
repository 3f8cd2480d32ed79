using System.Numerics;
using Clouds.Emulator.Ptx;

namespace Clouds.Emulator.Lanes;

/// <summary>One result from one operand.</summary>
internal interface IUnary<TA, TR>
{
    /// <summary>The rule of one lane.</summary>
    static abstract TR Apply(TA a);
}

/// <summary>One result from two operands.</summary>
internal interface IBinary<TA, TB, TR>
{
    /// <summary>The rule of one lane.</summary>
    static abstract TR Apply(TA a, TB b);
}

/// <summary>One result from three operands.</summary>
internal interface ITernary<TA, TB, TC, TR>
{
    /// <summary>The rule of one lane.</summary>
    static abstract TR Apply(TA a, TB b, TC c);
}

/// <summary>Runs a lane's rule over the lanes of a mask; a full mask, the usual case, needs no bit scan.</summary>
internal static unsafe class LaneLoops
{
    private const int Lanes = 32;

    public static void Unary<TA, TR, TRule>(byte* registers, Instruction i, uint mask)
        where TA : unmanaged
        where TR : unmanaged
        where TRule : IUnary<TA, TR>
    {
        TA* a = (TA*)(registers + i.A);
        TR* d = (TR*)(registers + i.D);
        if (mask == uint.MaxValue)
        {
            for (int lane = 0; lane < Lanes; lane++)
            {
                d[lane] = TRule.Apply(a[lane]);
            }

            return;
        }

        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = TRule.Apply(a[lane]);
        }
    }

    public static void Binary<TA, TB, TR, TRule>(byte* registers, Instruction i, uint mask)
        where TA : unmanaged
        where TB : unmanaged
        where TR : unmanaged
        where TRule : IBinary<TA, TB, TR>
    {
        TA* a = (TA*)(registers + i.A);
        TB* b = (TB*)(registers + i.B);
        TR* d = (TR*)(registers + i.D);
        if (mask == uint.MaxValue)
        {
            for (int lane = 0; lane < Lanes; lane++)
            {
                d[lane] = TRule.Apply(a[lane], b[lane]);
            }

            return;
        }

        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = TRule.Apply(a[lane], b[lane]);
        }
    }

    public static void Ternary<TA, TB, TC, TR, TRule>(byte* registers, Instruction i, uint mask)
        where TA : unmanaged
        where TB : unmanaged
        where TC : unmanaged
        where TR : unmanaged
        where TRule : ITernary<TA, TB, TC, TR>
    {
        TA* a = (TA*)(registers + i.A);
        TB* b = (TB*)(registers + i.B);
        TC* c = (TC*)(registers + i.C);
        TR* d = (TR*)(registers + i.D);
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = TRule.Apply(a[lane], b[lane], c[lane]);
        }
    }

    public static void Compare<T, TRule>(byte* registers, Instruction i, uint mask)
        where T : unmanaged
        where TRule : IBinary<T, T, bool>
    {
        T* a = (T*)(registers + i.A);
        T* b = (T*)(registers + i.B);
        uint bits = 0;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            bits |= TRule.Apply(a[lane], b[lane]) ? 1u << lane : 0;
        }

        SetPredicate(registers, i.D, mask, bits);
        SetPredicate(registers, i.D2, mask, ~bits);
    }

    public static void Select<T>(byte* registers, Instruction i, uint mask)
        where T : unmanaged
    {
        T* a = (T*)(registers + i.A);
        T* b = (T*)(registers + i.B);
        T* d = (T*)(registers + i.D);
        uint predicate = *(uint*)(registers + i.C);
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = (predicate >> lane & 1) != 0 ? a[lane] : b[lane];
        }
    }

    /// <summary>Logic on predicates: all lanes at once.</summary>
    public static void Predicates<TRule>(byte* registers, Instruction i, uint mask)
        where TRule : IBinary<uint, uint, uint>
        => SetPredicate(registers, i.D, mask, TRule.Apply(*(uint*)(registers + i.A), i.B < 0 ? 0 : *(uint*)(registers + i.B)));

    /// <summary>Writes the lanes of the mask.</summary>
    public static void SetPredicate(byte* registers, int offset, uint mask, uint bits)
    {
        if (offset >= 0)
        {
            uint* predicate = (uint*)(registers + offset);
            *predicate = (*predicate & ~mask) | (bits & mask);
        }
    }
}
