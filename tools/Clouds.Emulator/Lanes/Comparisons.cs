using System.Numerics;

namespace Clouds.Emulator.Lanes;

// Ordered comparisons are false where an operand is NaN, except "not equal", which the table takes from Unordered<Equal>.
internal readonly struct Equal<T> : IBinary<T, T, bool>
    where T : IComparisonOperators<T, T, bool>
{
    public static bool Apply(T a, T b) => a == b;
}

internal readonly struct Less<T> : IBinary<T, T, bool>
    where T : IComparisonOperators<T, T, bool>
{
    public static bool Apply(T a, T b) => a < b;
}

internal readonly struct LessOrEqual<T> : IBinary<T, T, bool>
    where T : IComparisonOperators<T, T, bool>
{
    public static bool Apply(T a, T b) => a <= b;
}

internal readonly struct Greater<T> : IBinary<T, T, bool>
    where T : IComparisonOperators<T, T, bool>
{
    public static bool Apply(T a, T b) => a > b;
}

internal readonly struct GreaterOrEqual<T> : IBinary<T, T, bool>
    where T : IComparisonOperators<T, T, bool>
{
    public static bool Apply(T a, T b) => a >= b;
}

/// <summary>Neither is NaN and they differ.</summary>
internal readonly struct OrderedNotEqual<T> : IBinary<T, T, bool>
    where T : IComparisonOperators<T, T, bool>
{
    public static bool Apply(T a, T b) => a < b || a > b;
}

/// <summary>The opposite of the opposite comparison: true where an operand is NaN.</summary>
internal readonly struct Unless<T, TRule> : IBinary<T, T, bool>
    where TRule : IBinary<T, T, bool>
{
    public static bool Apply(T a, T b) => !TRule.Apply(a, b);
}

/// <summary>Both are numbers.</summary>
internal readonly struct BothNumbers<T> : IBinary<T, T, bool>
    where T : INumberBase<T>
{
    public static bool Apply(T a, T b) => !T.IsNaN(a) && !T.IsNaN(b);
}
