using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace Clouds.Runtime.Kernels;

/// <summary>The loop in which gradients of weights spend their time: 3 x 9 sums in 27 registers, twelve loads and 27 fused products a step.</summary>
internal static unsafe class ConvWeightTile
{
    /// <summary>Floats that <see cref="Sum"/> writes.</summary>
    public const int SumFloats = 28;

    /// <summary>sums[9 · output + 3 · row + column] = Σ over i of upstream[i] · x[i + row · stride + column]; one float more is overwritten.</summary>
    /// <param name="first">Gradient of an output; 0 where no pixel lies.</param>
    /// <param name="second">Of another one.</param>
    /// <param name="third">Of a third one.</param>
    /// <param name="x">A channel of x.</param>
    /// <param name="stride">Floats between its rows.</param>
    /// <param name="length">Terms, whole vectors.</param>
    /// <param name="sums">Receives 27 sums.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Sum(float* first, float* second, float* third, float* x, int stride, int length, float* sums)
    {
        // Locals by hand: the compiler keeps no array and no structure of vectors in registers.
        V a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default, a8 = default;
        V b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default, b6 = default, b7 = default, b8 = default;
        V c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default, c8 = default;
        float* middle = x + stride, below = middle + stride;
        for (int i = 0; i < length; i += Lanes.Count)
        {
            V a = Vector512.Load(first + i), b = Vector512.Load(second + i), c = Vector512.Load(third + i);
            V at = Vector512.Load(x + i);
            (a0, b0, c0) = (Vector512.FusedMultiplyAdd(a, at, a0), Vector512.FusedMultiplyAdd(b, at, b0), Vector512.FusedMultiplyAdd(c, at, c0));
            at = Vector512.Load(x + i + 1);
            (a1, b1, c1) = (Vector512.FusedMultiplyAdd(a, at, a1), Vector512.FusedMultiplyAdd(b, at, b1), Vector512.FusedMultiplyAdd(c, at, c1));
            at = Vector512.Load(x + i + 2);
            (a2, b2, c2) = (Vector512.FusedMultiplyAdd(a, at, a2), Vector512.FusedMultiplyAdd(b, at, b2), Vector512.FusedMultiplyAdd(c, at, c2));
            at = Vector512.Load(middle + i);
            (a3, b3, c3) = (Vector512.FusedMultiplyAdd(a, at, a3), Vector512.FusedMultiplyAdd(b, at, b3), Vector512.FusedMultiplyAdd(c, at, c3));
            at = Vector512.Load(middle + i + 1);
            (a4, b4, c4) = (Vector512.FusedMultiplyAdd(a, at, a4), Vector512.FusedMultiplyAdd(b, at, b4), Vector512.FusedMultiplyAdd(c, at, c4));
            at = Vector512.Load(middle + i + 2);
            (a5, b5, c5) = (Vector512.FusedMultiplyAdd(a, at, a5), Vector512.FusedMultiplyAdd(b, at, b5), Vector512.FusedMultiplyAdd(c, at, c5));
            at = Vector512.Load(below + i);
            (a6, b6, c6) = (Vector512.FusedMultiplyAdd(a, at, a6), Vector512.FusedMultiplyAdd(b, at, b6), Vector512.FusedMultiplyAdd(c, at, c6));
            at = Vector512.Load(below + i + 1);
            (a7, b7, c7) = (Vector512.FusedMultiplyAdd(a, at, a7), Vector512.FusedMultiplyAdd(b, at, b7), Vector512.FusedMultiplyAdd(c, at, c7));
            at = Vector512.Load(below + i + 2);
            (a8, b8, c8) = (Vector512.FusedMultiplyAdd(a, at, a8), Vector512.FusedMultiplyAdd(b, at, b8), Vector512.FusedMultiplyAdd(c, at, c8));
        }

        Lanes.Sum(a0, a1, a2, a3).Store(sums);
        Lanes.Sum(a4, a5, a6, a7).Store(sums + 4);
        Lanes.Sum(a8, b0, b1, b2).Store(sums + 8);
        Lanes.Sum(b3, b4, b5, b6).Store(sums + 12);
        Lanes.Sum(b7, b8, c0, c1).Store(sums + 16);
        Lanes.Sum(c2, c3, c4, c5).Store(sums + 20);
        Lanes.Sum(c6, c7, c8, c8).Store(sums + 24);
    }
}
