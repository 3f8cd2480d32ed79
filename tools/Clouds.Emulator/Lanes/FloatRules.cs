using System.Numerics;

namespace Clouds.Emulator.Lanes;

internal readonly struct FusedMultiplyAdd<T> : ITernary<T, T, T, T>
    where T : IFloatingPointIeee754<T>
{
    public static T Apply(T a, T b, T c) => T.FusedMultiplyAdd(a, b, c);
}

internal readonly struct DivideFloat<T> : IBinary<T, T, T>
    where T : IDivisionOperators<T, T, T>
{
    public static T Apply(T a, T b) => a / b;
}

internal readonly struct SquareRoot<T> : IUnary<T, T>
    where T : IRootFunctions<T>
{
    public static T Apply(T a) => T.Sqrt(a);
}

internal readonly struct Reciprocal : IUnary<float, float>
{
    public static float Apply(float a) => 1 / a;
}

internal readonly struct ReciprocalRoot : IUnary<float, float>
{
    public static float Apply(float a) => (float)(1 / Math.Sqrt(a));
}

internal readonly struct Exponential2 : IUnary<float, float>
{
    public static float Apply(float a) => (float)Math.Pow(2, a);
}

internal readonly struct Logarithm2 : IUnary<float, float>
{
    public static float Apply(float a) => (float)Math.Log2(a);
}

/// <summary>Denormal inputs and results become zero of their sign.</summary>
internal readonly struct Flushed<TRule> : IUnary<float, float>
    where TRule : IUnary<float, float>
{
    public static float Apply(float a) => Flush(TRule.Apply(Flush(a)));

    public static float Flush(float a) => float.IsSubnormal(a) ? float.CopySign(0, a) : a;
}

/// <summary>A direction of rounding.</summary>
internal interface IRounding
{
    /// <summary>-1 down, 0 to zero, 1 up.</summary>
    static abstract int Direction { get; }
}

internal readonly struct ToZero : IRounding
{
    public static int Direction => 0;
}

internal readonly struct Down : IRounding
{
    public static int Direction => -1;
}

internal readonly struct Up : IRounding
{
    public static int Direction => 1;
}

internal readonly struct AddRounded<TRounding> : IBinary<float, float, float>
    where TRounding : IRounding
{
    public static float Apply(float a, float b) => DirectedRounding.Sum(a, b, TRounding.Direction);
}

internal readonly struct SubtractRounded<TRounding> : IBinary<float, float, float>
    where TRounding : IRounding
{
    public static float Apply(float a, float b) => DirectedRounding.Sum(a, -b, TRounding.Direction);
}

internal readonly struct MultiplyRounded<TRounding> : IBinary<float, float, float>
    where TRounding : IRounding
{
    public static float Apply(float a, float b) => DirectedRounding.ToFloat((double)a * b, TRounding.Direction);
}

internal readonly struct FusedRounded<TRounding> : ITernary<float, float, float, float>
    where TRounding : IRounding
{
    public static float Apply(float a, float b, float c) => DirectedRounding.Sum((double)a * b, c, TRounding.Direction);
}

/// <summary>Float results rounded down, up or to zero.</summary>
internal static class DirectedRounding
{
    /// <summary>a + b, rounded once. The products of floats that come as <paramref name="a"/> are exact in double.</summary>
    public static float Sum(double a, double b, int direction)
    {
        double sum = a + b;
        if (!double.IsFinite(sum) || sum == 0)
        {
            return sum == 0 && direction < 0 && !(a == 0 && b == 0 && double.IsPositive(a) && double.IsPositive(b)) ? -0f : (float)sum;
        }

        // The part that the sum in double lost; an odd last bit then stands for it, which the second rounding can tell from a tie.
        double virtualB = sum - a;
        double lost = (a - (sum - virtualB)) + (b - virtualB);
        if (lost != 0 && (BitConverter.DoubleToInt64Bits(sum) & 1) == 0)
        {
            sum = lost > 0 == sum > 0 ? Toward(sum, 1) : Toward(sum, -1);
        }

        return ToFloat(sum, direction);
    }

    /// <summary>A double rounded to float in one direction.</summary>
    public static float ToFloat(double value, int direction)
    {
        float nearest = (float)value;
        if (nearest == value || double.IsNaN(value) || double.IsInfinity(value))
        {
            return nearest;
        }

        bool tooHigh = nearest > value;
        bool down = direction < 0 || (direction == 0 && value > 0);
        return (down, tooHigh) switch
        {
            (true, true) => MathF.BitDecrement(nearest),
            (false, false) => MathF.BitIncrement(nearest),
            _ => nearest,
        };
    }

    private static double Toward(double value, int awayFromZero) => BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(value) + awayFromZero);
}
