using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Benchmarks;

/// <summary>What the machine's memory and arithmetic give at most, measured in the same run as the kernels; counted bytes, 10^9 a second.</summary>
/// <param name="Threads">Threads that shared the work.</param>
/// <param name="ReadGigabytes">Summing an array: bytes read.</param>
/// <param name="CopyGigabytes">Copying: bytes read and written.</param>
/// <param name="UpdateGigabytes">t = a·t + b·s in place, a plain loop: 12 bytes an element.</param>
/// <param name="Gigaflops">Fused multiply-adds in registers, two operations each.</param>
public sealed record MachineRoof(int Threads, double ReadGigabytes, double CopyGigabytes, double UpdateGigabytes, double Gigaflops)
{
    // 512 MB. Of 128 MB, caches of 32 MB a processor kept so much that reading seemed twice as fast in one run of two.
    private const int Floats = 128 << 20;
    private const int FlopSteps = 1 << 20;
    private const int Pieces = 64;

    /// <summary>The best memory figure: what kernels are compared with.</summary>
    public double Gigabytes => Math.Max(ReadGigabytes, Math.Max(CopyGigabytes, UpdateGigabytes));

    /// <summary>Measures the roofs.</summary>
    /// <param name="threads">At least one.</param>
    /// <param name="runs">Samples of each.</param>
    /// <param name="cancellation">Asked between samples.</param>
    public static unsafe MachineRoof Measure(int threads, int runs, CancellationToken cancellation)
    {
        using NativeBuffer first = new((long)Floats * sizeof(float));
        using NativeBuffer second = new((long)Floats * sizeof(float));
        (nint a, nint b) = ((nint)first.Pointer, (nint)second.Pointer);
        double Best(double work, Action<int, int> body)
            => work / BenchClock.Measure(() => WorkSplit.Run(threads, Pieces, body), runs, cancellation).Least / 1e9;
        const int Piece = Floats / Pieces;
        return new MachineRoof(
            threads,
            Best(4.0 * Floats, (from, to) => Read((float*)a + (from * Piece), (to - from) * Piece)),
            Best(8.0 * Floats,
                (from, to) => Buffer.MemoryCopy((float*)a + (from * Piece), (float*)b + (from * Piece), (to - from) * Piece * 4L, (to - from) * Piece * 4L)),
            Best(12.0 * Floats, (from, to) => Update((float*)a + (from * Piece), (float*)b + (from * Piece), (to - from) * Piece)),
            Best(2.0 * Pieces * FlopSteps / 16 * FlopsAStep, (from, to) => MultiplyAdd((to - from) * (FlopSteps / 16))));
    }

    private static double FlopsAStep => 10 * (Vector512.IsHardwareAccelerated ? Vector512<float>.Count : Vector256<float>.Count);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe float Read(float* source, int count)
    {
        Vector256<float> a = default, b = default, c = default, d = default;
        for (int i = 0; i < count; i += 32)
        {
            a += Vector256.Load(source + i);
            b += Vector256.Load(source + i + 8);
            c += Vector256.Load(source + i + 16);
            d += Vector256.Load(source + i + 24);
        }

        return Vector256.Sum(a + b + c + d);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe void Update(float* target, float* source, int count)
    {
        (Vector256<float> old, Vector256<float> rest) = (Vector256.Create(0.999f), Vector256.Create(0.001f));
        for (int i = 0; i < count; i += 8)
        {
            ((old * Vector256.Load(target + i)) + (rest * Vector256.Load(source + i))).Store(target + i);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float MultiplyAdd(int steps) => Vector512.IsHardwareAccelerated ? MultiplyAdd<Lanes512>(steps) : MultiplyAdd<Lanes256>(steps);

    // Ten chains: enough for two units of a latency of four or five.
    private static unsafe float MultiplyAdd<T>(int steps)
        where T : unmanaged, IFloatLanes<T>
    {
        T x = T.Create(0.999f), y = T.Create(1e-3f);
        T a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, k = y, m = y;
        for (int i = 0; i < steps; i++)
        {
            a = T.FusedMultiplyAdd(a, x, y);
            b = T.FusedMultiplyAdd(b, x, y);
            c = T.FusedMultiplyAdd(c, x, y);
            d = T.FusedMultiplyAdd(d, x, y);
            e = T.FusedMultiplyAdd(e, x, y);
            f = T.FusedMultiplyAdd(f, x, y);
            g = T.FusedMultiplyAdd(g, x, y);
            h = T.FusedMultiplyAdd(h, x, y);
            k = T.FusedMultiplyAdd(k, x, y);
            m = T.FusedMultiplyAdd(m, x, y);
        }

        float* sum = stackalloc float[Lanes.Count];
        T.Add(T.Add(T.Add(T.Add(a, b), T.Add(c, d)), T.Add(T.Add(e, f), T.Add(g, h))), T.Add(k, m)).Store(sum);
        return sum[0];
    }
}
