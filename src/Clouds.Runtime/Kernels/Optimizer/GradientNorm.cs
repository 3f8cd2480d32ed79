using System.Runtime.Intrinsics;

namespace Clouds.Runtime.Kernels;

/// <summary>Sums of squares in double, in one fixed order.</summary>
internal static unsafe class GradientNorm
{
    /// <summary>Sum of the squares of <paramref name="length"/> floats.</summary>
    public static double SumOfSquares(float* values, int length)
    {
        Vector512<double> a = default, b = default, c = default, d = default;
        int i = 0;
        for (; i + (2 * Lanes.Count) <= length; i += 2 * Lanes.Count)
        {
            (Vector512<double> low, Vector512<double> high) = Vector512.Widen(Vector512.Load(values + i));
            a = Vector512.FusedMultiplyAdd(low, low, a);
            b = Vector512.FusedMultiplyAdd(high, high, b);
            (low, high) = Vector512.Widen(Vector512.Load(values + i + Lanes.Count));
            c = Vector512.FusedMultiplyAdd(low, low, c);
            d = Vector512.FusedMultiplyAdd(high, high, d);
        }

        Vector512<double> lanes = (a + b) + (c + d);
        double sum = 0;
        for (int lane = 0; lane < Vector512<double>.Count; lane++)
        {
            sum += lanes.GetElement(lane);
        }

        for (; i < length; i++)
        {
            sum += (double)values[i] * values[i];
        }

        return sum;
    }
}
