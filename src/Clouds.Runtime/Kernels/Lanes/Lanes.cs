using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Sixteen floats at a time, with every order of summation fixed, so that a machine with narrower vectors gives the same bits.
/// </summary>
public static class Lanes
{
    /// <summary>Floats in a vector.</summary>
    public const int Count = 16;

    /// <summary>The smallest multiple of <see cref="Count"/> that holds <paramref name="length"/> floats.</summary>
    public static int RoundUp(int length) => (length + Count - 1) / Count * Count;

    /// <summary>The sum of the lanes, halves first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> v)
    {
        Vector128<float> quarter = Quarter(v);
        Vector128<float> pair = quarter + Vector128.Shuffle(quarter, Vector128.Create(2, 3, 0, 1));
        return pair.GetElement(0) + pair.GetElement(1);
    }

    /// <summary>Four sums at once, in the order of the arguments.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sum(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        Vector512<float> quarters = Vector512.Create(Vector256.Create(Quarter(a), Quarter(b)), Vector256.Create(Quarter(c), Quarter(d)));
        quarters += Vector512.Shuffle(quarters, Vector512.Create(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
        quarters += Vector512.Shuffle(quarters, Vector512.Create(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
        return Vector512.Shuffle(quarters, Vector512.Create(0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12)).GetLower().GetLower();
    }

    /// <summary>1 / (1 + exp(-x)), relative error below 5e-7 for |x| &lt; 87 and saturated beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sigmoid<T>(T x)
        where T : unmanaged, IFloatLanes<T>
        => T.Divide(T.Create(1), T.Add(T.Create(1), Exp(T.Subtract(T.Create(-0f), x))));

    /// <summary>exp(x), relative error below 3e-7; the argument is clamped to [-87, 87].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Exp<T>(T x)
        where T : unmanaged, IFloatLanes<T>
    {
        // exp(x) = 2^n · exp(r) with |r| <= ln2 / 2; ln2 is split in two so that n · ln2 is subtracted almost exactly.
        x = T.Clamp(x, -87f, 87f);
        T shifted = T.FusedMultiplyAdd(x, T.Create(1.44269504f), T.Create(12582912f));
        T n = T.Subtract(shifted, T.Create(12582912f));
        T r = T.FusedMultiplyAdd(n, T.Create(-0.693359375f), x);
        r = T.FusedMultiplyAdd(n, T.Create(2.12194440e-4f), r);

        // Taylor coefficients 1/k!: the first term left out, r^7 / 5040, is below 1.2e-7 at |r| = ln2 / 2.
        T p = T.Create(1f / 720);
        p = T.FusedMultiplyAdd(p, r, T.Create(1f / 120));
        p = T.FusedMultiplyAdd(p, r, T.Create(1f / 24));
        p = T.FusedMultiplyAdd(p, r, T.Create(1f / 6));
        p = T.FusedMultiplyAdd(p, r, T.Create(0.5f));
        p = T.FusedMultiplyAdd(p, r, T.Create(1));
        p = T.FusedMultiplyAdd(p, r, T.Create(1));
        return T.Scale(p, shifted);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Quarter(Vector512<float> v)
    {
        Vector256<float> half = v.GetLower() + v.GetUpper();
        return half.GetLower() + half.GetUpper();
    }
}
