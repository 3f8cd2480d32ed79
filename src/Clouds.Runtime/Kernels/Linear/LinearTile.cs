using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace Clouds.Runtime.Kernels;

/// <summary>The loop in which linear layers spend their time: 12 x 32 sums in 24 registers, two loads and 24 fused products a step.</summary>
internal static unsafe class LinearTile
{
    /// <summary>target [12, 32] = before + block · panel. Before is read as a whole row before that row is written, so it may be the target.</summary>
    /// <param name="block">[depth, 12].</param>
    /// <param name="panel">[depth, 32].</param>
    /// <param name="depth">Terms of each sum, added in order.</param>
    /// <param name="before">What the sums are added to.</param>
    /// <param name="beforeStride">Floats between its rows; 0 repeats one row.</param>
    /// <param name="target">Where to.</param>
    /// <param name="stride">Floats between its rows.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Add(float* block, float* panel, int depth, float* before, int beforeStride, float* target, int stride)
    {
        // Locals by hand: the compiler keeps no array and no structure of vectors in registers.
        V a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        V e0 = default, e1 = default, f0 = default, f1 = default, g0 = default, g1 = default, h0 = default, h1 = default;
        V i0 = default, i1 = default, j0 = default, j1 = default, k0 = default, k1 = default, l0 = default, l1 = default;
        for (float* end = block + ((long)depth * 12); block < end; block += 12, panel += 32)
        {
            (V left, V right) = (Vector512.Load(panel), Vector512.Load(panel + 16));
            V x = Vector512.Create(block[0]);
            (a0, a1) = (Vector512.FusedMultiplyAdd(x, left, a0), Vector512.FusedMultiplyAdd(x, right, a1));
            x = Vector512.Create(block[1]);
            (b0, b1) = (Vector512.FusedMultiplyAdd(x, left, b0), Vector512.FusedMultiplyAdd(x, right, b1));
            x = Vector512.Create(block[2]);
            (c0, c1) = (Vector512.FusedMultiplyAdd(x, left, c0), Vector512.FusedMultiplyAdd(x, right, c1));
            x = Vector512.Create(block[3]);
            (d0, d1) = (Vector512.FusedMultiplyAdd(x, left, d0), Vector512.FusedMultiplyAdd(x, right, d1));
            x = Vector512.Create(block[4]);
            (e0, e1) = (Vector512.FusedMultiplyAdd(x, left, e0), Vector512.FusedMultiplyAdd(x, right, e1));
            x = Vector512.Create(block[5]);
            (f0, f1) = (Vector512.FusedMultiplyAdd(x, left, f0), Vector512.FusedMultiplyAdd(x, right, f1));
            x = Vector512.Create(block[6]);
            (g0, g1) = (Vector512.FusedMultiplyAdd(x, left, g0), Vector512.FusedMultiplyAdd(x, right, g1));
            x = Vector512.Create(block[7]);
            (h0, h1) = (Vector512.FusedMultiplyAdd(x, left, h0), Vector512.FusedMultiplyAdd(x, right, h1));
            x = Vector512.Create(block[8]);
            (i0, i1) = (Vector512.FusedMultiplyAdd(x, left, i0), Vector512.FusedMultiplyAdd(x, right, i1));
            x = Vector512.Create(block[9]);
            (j0, j1) = (Vector512.FusedMultiplyAdd(x, left, j0), Vector512.FusedMultiplyAdd(x, right, j1));
            x = Vector512.Create(block[10]);
            (k0, k1) = (Vector512.FusedMultiplyAdd(x, left, k0), Vector512.FusedMultiplyAdd(x, right, k1));
            x = Vector512.Create(block[11]);
            (l0, l1) = (Vector512.FusedMultiplyAdd(x, left, l0), Vector512.FusedMultiplyAdd(x, right, l1));
        }

        Put(a0, a1, before, target);
        Put(b0, b1, before += beforeStride, target += stride);
        Put(c0, c1, before += beforeStride, target += stride);
        Put(d0, d1, before += beforeStride, target += stride);
        Put(e0, e1, before += beforeStride, target += stride);
        Put(f0, f1, before += beforeStride, target += stride);
        Put(g0, g1, before += beforeStride, target += stride);
        Put(h0, h1, before += beforeStride, target += stride);
        Put(i0, i1, before += beforeStride, target += stride);
        Put(j0, j1, before += beforeStride, target += stride);
        Put(k0, k1, before += beforeStride, target += stride);
        Put(l0, l1, before + beforeStride, target + stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(V left, V right, float* before, float* target)
    {
        (left, right) = (left + Vector512.Load(before), right + Vector512.Load(before + 16));
        left.Store(target);
        right.Store(target + 16);
    }
}
