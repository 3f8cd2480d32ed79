using System.Numerics;

namespace Clouds.Emulator.Lanes;

// Plain arithmetic, for integers and floats alike where IEEE rounding to nearest is what both sides do.
internal readonly struct Move<T> : IUnary<T, T>
{
    public static T Apply(T a) => a;
}

internal readonly struct Add<T> : IBinary<T, T, T>
    where T : IAdditionOperators<T, T, T>
{
    public static T Apply(T a, T b) => a + b;
}

internal readonly struct Subtract<T> : IBinary<T, T, T>
    where T : ISubtractionOperators<T, T, T>
{
    public static T Apply(T a, T b) => a - b;
}

internal readonly struct Multiply<T> : IBinary<T, T, T>
    where T : IMultiplyOperators<T, T, T>
{
    public static T Apply(T a, T b) => a * b;
}

internal readonly struct MultiplyAdd<T> : ITernary<T, T, T, T>
    where T : IMultiplyOperators<T, T, T>, IAdditionOperators<T, T, T>
{
    public static T Apply(T a, T b, T c) => (a * b) + c;
}

// The wide product of a narrow type: TW has twice the bits.
internal readonly struct MultiplyWide<T, TW> : IBinary<T, T, TW>
    where T : INumberBase<T>
    where TW : INumberBase<TW>
{
    public static TW Apply(T a, T b) => TW.CreateTruncating(a) * TW.CreateTruncating(b);
}

internal readonly struct MultiplyWideAdd<T, TW> : ITernary<T, T, TW, TW>
    where T : INumberBase<T>
    where TW : INumberBase<TW>
{
    public static TW Apply(T a, T b, TW c) => (TW.CreateTruncating(a) * TW.CreateTruncating(b)) + c;
}

internal readonly struct MultiplyHigh<T, TW> : IBinary<T, T, T>
    where T : IBinaryInteger<T>
    where TW : IBinaryInteger<TW>
{
    public static T Apply(T a, T b) => T.CreateTruncating((TW.CreateTruncating(a) * TW.CreateTruncating(b)) >> (8 * a.GetByteCount()));
}

// Division by zero is undefined in PTX; all ones is what the hardware's code gives.
internal readonly struct Divide<T> : IBinary<T, T, T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, T b) => T.IsZero(b) ? ~T.Zero : b == ~T.Zero && T.IsNegative(b) ? unchecked(-a) : a / b;
}

internal readonly struct Remainder<T> : IBinary<T, T, T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, T b) => T.IsZero(b) ? a : b == ~T.Zero && T.IsNegative(b) ? T.Zero : a % b;
}

internal readonly struct Minimum<T> : IBinary<T, T, T>
    where T : INumber<T>
{
    public static T Apply(T a, T b) => T.MinNumber(a, b);
}

internal readonly struct Maximum<T> : IBinary<T, T, T>
    where T : INumber<T>
{
    public static T Apply(T a, T b) => T.MaxNumber(a, b);
}

internal readonly struct Negate<T> : IUnary<T, T>
    where T : IUnaryNegationOperators<T, T>
{
    public static T Apply(T a) => unchecked(-a);
}

internal readonly struct Absolute<T> : IUnary<T, T>
    where T : INumber<T>
{
    public static T Apply(T a) => T.IsNegative(a) ? unchecked(-a) : a;
}

internal readonly struct And<T> : IBinary<T, T, T>
    where T : IBitwiseOperators<T, T, T>
{
    public static T Apply(T a, T b) => a & b;
}

internal readonly struct Or<T> : IBinary<T, T, T>
    where T : IBitwiseOperators<T, T, T>
{
    public static T Apply(T a, T b) => a | b;
}

internal readonly struct Xor<T> : IBinary<T, T, T>
    where T : IBitwiseOperators<T, T, T>
{
    public static T Apply(T a, T b) => a ^ b;
}

internal readonly struct Not<T> : IUnary<T, T>
    where T : IBitwiseOperators<T, T, T>
{
    public static T Apply(T a) => ~a;
}

internal readonly struct NotPredicate : IBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => ~a;
}

internal readonly struct MovePredicate : IBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => a;
}

// Shifts by the width or more give zero, or the sign.
internal readonly struct ShiftLeft<T> : IBinary<T, uint, T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, uint b) => b >= 8 * (uint)a.GetByteCount() ? T.Zero : a << (int)b;
}

internal readonly struct ShiftRight<T> : IBinary<T, uint, T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, uint b)
    {
        int last = (8 * a.GetByteCount()) - 1;
        return b <= (uint)last ? a >> (int)b : T.IsNegative(a) ? ~T.Zero : T.Zero;
    }
}
