using System.Runtime.CompilerServices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// One axis of a bilinear resize (align_corners = false, no antialias): for output i the source position is (i + 0.5)·source/target − 0.5,
/// not below 0; <see cref="First"/>, <see cref="Second"/> are its neighbours and <see cref="Fraction"/> the weight of the second.
/// </summary>
internal sealed unsafe class BilinearAxis
{
    private readonly int[] _base;

    // Pinned, so that their addresses stay.
    private readonly int[] _first;
    private readonly int[] _second;

    /// <summary>Tables for the first <paramref name="count"/> outputs.</summary>
    /// <param name="source">Source length.</param>
    /// <param name="target">Length of the whole resized axis.</param>
    /// <param name="count">Outputs wanted, at most <paramref name="target"/>.</param>
    /// <param name="lanes">Floats of the vectors that <see cref="Resample{T}"/> is asked for; a divisor of 16.</param>
    public BilinearAxis(int source, int target, int count, int lanes = Lanes.Count)
    {
        int padded = Lanes.RoundUp(count);
        (First, Second, Fraction) = (Pinned<int>(padded), Pinned<int>(padded), Pinned<float>(padded));
        (_base, _first, _second) = (new int[padded / lanes], Pinned<int>(padded), Pinned<int>(padded));
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
            int start = i / lanes * lanes;
            _base[i / lanes] = Second[start + lanes - 1] - First[start] < lanes ? First[start] : -1;
            (_first[i], _second[i]) = (First[i] - First[start], Second[i] - First[start]);
        }
    }

    /// <summary>Lower neighbour.</summary>
    public int[] First { get; }

    /// <summary>Upper neighbour, at most the last pixel.</summary>
    public int[] Second { get; }

    /// <summary>Weight of the upper neighbour, 0..1.</summary>
    public float[] Fraction { get; }

    /// <summary>A vector of outputs from i on, a multiple of the vector's length, from a row that has 16 readable floats behind its last pixel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Resample<T>(float* row, int i)
        where T : unmanaged, IFloatLanes<T>
    {
        int window = _base[i / T.Count];
        T lower = T.Pick(row, window, Address(_first, i), Address(First, i));
        T upper = T.Pick(row, window, Address(_second, i), Address(Second, i));
        return T.FusedMultiplyAdd(T.Load(Address(Fraction, i)), T.Subtract(upper, lower), lower);
    }

    private static T[] Pinned<T>(int length) => GC.AllocateArray<T>(length, pinned: true);

    private static T* Address<T>(T[] array, int i)
        where T : unmanaged
        => (T*)Unsafe.AsPointer(ref array[i]);
}
