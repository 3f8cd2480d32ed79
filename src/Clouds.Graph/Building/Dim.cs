using System.Globalization;

namespace Clouds.Graph.Building;

/// <summary>
/// One extent of a tensor: a number, or a symbol such as "H" or "floor(H/4)". Arithmetic on numbers gives numbers;
/// as soon as a symbol takes part the result is the written-out expression.
/// </summary>
public readonly record struct Dim
{
    private readonly long _size;

    private Dim(long size, string? symbol)
    {
        _size = size;
        Symbol = symbol;
    }

    /// <summary>The expression of a symbolic extent; null for a number.</summary>
    public string? Symbol { get; }

    /// <summary>Whether the extent is a number.</summary>
    public bool IsStatic => Symbol is null;

    /// <summary>The number.</summary>
    /// <exception cref="InvalidOperationException">The extent is symbolic.</exception>
    public long Size => IsStatic ? _size : throw new InvalidOperationException($"the extent {Symbol} has no fixed size here");

    /// <summary>A number as an extent.</summary>
    public static implicit operator Dim(long size) => new(size, null);

    /// <summary>A symbol as an extent.</summary>
    public static implicit operator Dim(string symbol) => new(0, symbol);

    /// <summary>Sum.</summary>
    public static Dim operator +(Dim a, Dim b) => Apply(a, b, '+', (x, y) => x + y);

    /// <summary>Difference.</summary>
    public static Dim operator -(Dim a, Dim b) => Apply(a, b, '-', (x, y) => x - y);

    /// <summary>Product.</summary>
    public static Dim operator *(Dim a, Dim b) => Apply(a, b, '*', (x, y) => x * y);

    /// <summary>Quotient, rounded down.</summary>
    public static Dim operator /(Dim a, Dim b) => Apply(a, b, '/', (x, y) => x / y);

    /// <inheritdoc/>
    public override string ToString() => Symbol ?? _size.ToString(CultureInfo.InvariantCulture);

    private static Dim Apply(Dim a, Dim b, char sign, Func<long, long, long> rule)
    {
        if (a.IsStatic && b.IsStatic)
        {
            return rule(a._size, b._size);
        }

        bool neutral = b.IsStatic && b._size == (sign is '*' or '/' ? 1 : 0);
        bool neutralLeft = a.IsStatic && ((sign == '*' && a._size == 1) || (sign == '+' && a._size == 0));
        return neutral ? a : neutralLeft ? b : sign == '/' ? $"floor({a}/{b})" : $"({a}{sign}{b})";
    }
}
