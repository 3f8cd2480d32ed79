using System.Numerics;
using Clouds.Emulator.Ptx;

namespace Clouds.Emulator.Lanes;

/// <summary>Bit-field insert, the one form with four operands: d = b with the low D2-many bits of a at position C.</summary>
internal static unsafe class InsertBits
{
    public static void Run<T>(byte* registers, Instruction i, uint mask)
        where T : unmanaged, IBinaryInteger<T>
    {
        T* a = (T*)(registers + i.A);
        T* b = (T*)(registers + i.B);
        T* d = (T*)(registers + i.D);
        uint* position = (uint*)(registers + i.C);
        uint* length = (uint*)(registers + i.D2);
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            (uint from, uint count) = (position[lane] & 0xFF, length[lane] & 0xFF);
            T field = count >= 8 * sizeof(T) ? ~T.Zero : (T.One << (int)count) - T.One;
            field = from >= 8 * sizeof(T) ? T.Zero : field << (int)from;
            T moved = from >= 8 * sizeof(T) ? T.Zero : a[lane] << (int)from;
            d[lane] = (b[lane] & ~field) | (moved & field);
        }
    }
}
