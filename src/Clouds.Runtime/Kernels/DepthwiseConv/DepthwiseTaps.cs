using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace Clouds.Runtime.Kernels;

/// <summary>The loops in which depthwise convolutions spend their time, over planes laid out as <see cref="DepthwiseShape"/> says.</summary>
internal static unsafe class DepthwiseTaps
{
    /// <summary>Floats of the sums of so many taps, a vector each, in whole groups.</summary>
    public static int SumFloats(int taps) => (taps + DepthwiseShape.TapsAtOnce - 1) / DepthwiseShape.TapsAtOnce * DepthwiseShape.TapsAtOnce * Lanes.Count;

    /// <summary>result[i] = bias + Σ over taps of weight · plane[i + shift], for whole blocks.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Correlate(float* plane, float* weights, int* shifts, int taps, float bias, float* result, int length)
    {
        for (int i = 0; i < length; i += DepthwiseShape.Block)
        {
            V a = Vector512.Create(bias), b = a, c = a, d = a;
            for (int tap = 0; tap < taps; tap++)
            {
                V weight = Vector512.Create(weights[tap]);
                float* from = plane + i + shifts[tap];
                a = Vector512.FusedMultiplyAdd(weight, Vector512.Load(from), a);
                b = Vector512.FusedMultiplyAdd(weight, Vector512.Load(from + 16), b);
                c = Vector512.FusedMultiplyAdd(weight, Vector512.Load(from + 32), c);
                d = Vector512.FusedMultiplyAdd(weight, Vector512.Load(from + 48), d);
            }

            a.Store(result + i);
            b.Store(result + i + 16);
            c.Store(result + i + 32);
            d.Store(result + i + 48);
        }
    }

    /// <summary>sums[tap] += upstream · plane shifted for the tap, lane by lane. Where upstream lies between rows it is 0.</summary>
    /// <param name="plane">From its first zero on.</param>
    /// <param name="upstream">From its first element on.</param>
    /// <param name="shifts">One a tap.</param>
    /// <param name="taps">How many.</param>
    /// <param name="length">Floats, whole vectors.</param>
    /// <param name="sums"><see cref="SumFloats"/>.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void AddProducts(float* plane, float* upstream, int* shifts, int taps, int length, float* sums)
    {
        for (int tap = 0; tap < taps; tap += DepthwiseShape.TapsAtOnce, sums += DepthwiseShape.TapsAtOnce * Lanes.Count)
        {
            // Taps behind the last repeat it; nobody reads their sums.
            float* From(int next) => plane + shifts[Math.Min(tap + next, taps - 1)];
            float* p0 = From(0), p1 = From(1), p2 = From(2), p3 = From(3), p4 = From(4), p5 = From(5), p6 = From(6);
            V a = Vector512.Load(sums), b = Vector512.Load(sums + 16), c = Vector512.Load(sums + 32), d = Vector512.Load(sums + 48);
            V e = Vector512.Load(sums + 64), f = Vector512.Load(sums + 80), g = Vector512.Load(sums + 96);
            for (int i = 0; i < length; i += Lanes.Count)
            {
                V by = Vector512.Load(upstream + i);
                a = Vector512.FusedMultiplyAdd(by, Vector512.Load(p0 + i), a);
                b = Vector512.FusedMultiplyAdd(by, Vector512.Load(p1 + i), b);
                c = Vector512.FusedMultiplyAdd(by, Vector512.Load(p2 + i), c);
                d = Vector512.FusedMultiplyAdd(by, Vector512.Load(p3 + i), d);
                e = Vector512.FusedMultiplyAdd(by, Vector512.Load(p4 + i), e);
                f = Vector512.FusedMultiplyAdd(by, Vector512.Load(p5 + i), f);
                g = Vector512.FusedMultiplyAdd(by, Vector512.Load(p6 + i), g);
            }

            a.Store(sums);
            b.Store(sums + 16);
            c.Store(sums + 32);
            d.Store(sums + 48);
            e.Store(sums + 64);
            f.Store(sums + 80);
            g.Store(sums + 96);
        }
    }

    /// <summary>sum += values, lane by lane.</summary>
    public static void Add(float* values, int length, float* sum)
    {
        V total = Vector512.Load(sum);
        for (int i = 0; i < length; i += Lanes.Count)
        {
            total += Vector512.Load(values + i);
        }

        total.Store(sum);
    }

    /// <summary>The sum of each vector's lanes.</summary>
    public static void Total(float* sums, int count, float* totals)
    {
        for (int i = 0; i < count; i++)
        {
            totals[i] = Lanes.Sum(Vector512.Load(sums + (i * Lanes.Count)));
        }
    }
}
