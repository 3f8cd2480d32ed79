using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// One axis of a bilinear resize (align_corners = false, no antialias): for output i the source position is (i + 0.5)·source/target − 0.5,
/// not below 0; <see cref="First"/>, <see cref="Second"/> are its neighbours and <see cref="Fraction"/> the weight of the second.
/// </summary>
internal sealed unsafe class BilinearAxis
{
    private readonly int[] _base;
    private readonly int[] _first;
    private readonly int[] _second;

    /// <summary>Tables for the first <paramref name="count"/> outputs.</summary>
    /// <param name="source">Source length.</param>
    /// <param name="target">Length of the whole resized axis.</param>
    /// <param name="count">Outputs wanted, at most <paramref name="target"/>.</param>
    public BilinearAxis(int source, int target, int count)
    {
        int padded = Lanes.RoundUp(count);
        (First, Second, Fraction) = (new int[padded], new int[padded], new float[padded]);
        (_base, _first, _second) = (new int[padded / Lanes.Count], new int[padded], new int[padded]);
        double scale = (double)source / target;
        for (int i = 0; i < padded; i++)
        {
            double position = Math.Max(0, ((Math.Min(i, count - 1) + 0.5) * scale) - 0.5);
            First[i] = Math.Min((int)position, source - 1);
            Second[i] = Math.Min(First[i] + 1, source - 1);
            Fraction[i] = (float)(position - First[i]);
        }

        for (int i = 0; i < padded; i++)
        {
            int start = i / Lanes.Count * Lanes.Count;
            _base[i / Lanes.Count] = Second[start + Lanes.Count - 1] - First[start] < Lanes.Count ? First[start] : -1;
            (_first[i], _second[i]) = (First[i] - First[start], Second[i] - First[start]);
        }
    }

    /// <summary>Lower neighbour.</summary>
    public int[] First { get; }

    /// <summary>Upper neighbour, at most the last pixel.</summary>
    public int[] Second { get; }

    /// <summary>Weight of the upper neighbour, 0..1.</summary>
    public float[] Fraction { get; }

    /// <summary>Outputs i..i+15 from a row that has 16 readable floats behind its last pixel; i is a multiple of 16.</summary>
    public Vector512<float> Resample(float* row, int i)
    {
        Vector512<float> fraction = Vector512.LoadUnsafe(ref Fraction[i]);
        int start = _base[i / Lanes.Count];
        Vector512<float> first, second;
        if (Avx512F.IsSupported && start >= 0)
        {
            Vector512<float> window = Vector512.Load(row + start);
            first = Avx512F.PermuteVar16x32(window, Vector512.LoadUnsafe(ref _first[i]));
            second = Avx512F.PermuteVar16x32(window, Vector512.LoadUnsafe(ref _second[i]));
        }
        else
        {
            first = Gather(row, First, i);
            second = Gather(row, Second, i);
        }

        return Vector512.FusedMultiplyAdd(fraction, second - first, first);
    }

    private static Vector512<float> Gather(float* row, int[] index, int i)
    {
        float* lanes = stackalloc float[Lanes.Count];
        for (int lane = 0; lane < Lanes.Count; lane++)
        {
            lanes[lane] = row[index[i + lane]];
        }

        return Vector512.Load(lanes);
    }
}
