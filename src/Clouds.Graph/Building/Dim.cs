using System.Globalization;

namespace Clouds.Graph.Building;

/// <summary>
/// One extent of a tensor: a number, or an expression over symbols such as "H" or "floor(H/4)". Expressions are kept as
/// floor((term + inner) / divisor) + offset, so that padding, strides and their inverses cancel: a 3 x 3 convolution with padding 1 leaves "H" as "H",
/// and two halvings are "floor(H/4)". Two extents are equal where their written forms are.
/// </summary>
public readonly struct Dim : IEquatable<Dim>
{
    private readonly DimTerm? _term;
    private readonly long _inner;
    private readonly long _divisor;
    private readonly long _offset;

    private Dim(DimTerm? term, long offset, long inner = 0, long divisor = 1)
    {
        _term = term;
        _inner = inner;
        _divisor = divisor;
        _offset = offset;
    }

    /// <summary>The expression of a symbolic extent; null for a number.</summary>
    public string? Symbol => _term is null ? null : ToString();

    /// <summary>Whether the extent is a number.</summary>
    public bool IsStatic => _term is null;

    /// <summary>The number.</summary>
    /// <exception cref="InvalidOperationException">The extent is symbolic.</exception>
    public long Size => IsStatic ? _offset : throw new InvalidOperationException($"the extent {this} has no fixed size here");

    /// <summary>What a symbolic extent is computed from: floor((Term + Inner) / Divisor) + Offset, with 0 ≤ Inner &lt; Divisor.</summary>
    internal (DimTerm Term, long Inner, long Divisor, long Offset) Parts =>
        (_term ?? throw new InvalidOperationException($"the extent {this} is a number"), _inner, _divisor, _offset);

    /// <summary>A number as an extent.</summary>
    public static implicit operator Dim(long size) => new(null, size);

    /// <summary>A symbol as an extent.</summary>
    public static implicit operator Dim(string symbol) => new(new DimTerm(symbol), 0);

    /// <summary>Sum.</summary>
    public static Dim operator +(Dim a, Dim b)
    {
        if (b.IsStatic)
        {
            return new Dim(a._term, a._offset + b._offset, a._inner, a._divisor);
        }

        return a.IsStatic ? b + a : new Dim(DimTerm.Ordered(a.Quotient, '+', b.Quotient), a._offset + b._offset);
    }

    /// <summary>Difference.</summary>
    public static Dim operator -(Dim a, Dim b)
    {
        if (b.IsStatic)
        {
            return a + -b._offset;
        }

        return a.Quotient == b.Quotient ? a._offset - b._offset : new Dim(DimTerm.Of(a.Quotient, '-', b.Quotient), a._offset - b._offset);
    }

    /// <summary>Product.</summary>
    public static Dim operator *(Dim a, Dim b)
    {
        if (!b.IsStatic)
        {
            return a.IsStatic ? b * a : new Dim(DimTerm.Ordered(a, '*', b), 0);
        }

        long factor = b._offset;
        return a.IsStatic || factor == 0 ? a._offset * factor : factor == 1 ? a : new Dim(DimTerm.Of(a.Quotient, '*', factor), a._offset * factor);
    }

    /// <summary>Quotient, rounded down.</summary>
    public static Dim operator /(Dim a, Dim b)
    {
        if (!b.IsStatic)
        {
            return a == b ? 1 : new Dim(DimTerm.Of(a, '/', b), 0);
        }

        if (a.IsStatic)
        {
            return FloorDivide(a._offset, b._offset);
        }

        // floor((floor((t + i)/d) + o) / b) = floor((t + i + d·o) / (d·b)), and whole multiples of d·b come out of the quotient.
        long inner = a._inner + (a._divisor * a._offset);
        long divisor = a._divisor * b._offset;
        long whole = FloorDivide(inner, divisor);
        return new Dim(a._term, whole, inner - (whole * divisor), divisor);
    }

    /// <summary>Whether both have the same written form.</summary>
    public static bool operator ==(Dim a, Dim b) => a.Equals(b);

    /// <summary>Whether the written forms differ.</summary>
    public static bool operator !=(Dim a, Dim b) => !a.Equals(b);

    /// <inheritdoc/>
    public bool Equals(Dim other) => IsStatic == other.IsStatic && (IsStatic ? _offset == other._offset : ToString() == other.ToString());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Dim other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => IsStatic ? _offset.GetHashCode() : ToString().GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => IsStatic
        ? _offset.ToString(CultureInfo.InvariantCulture)
        : _offset switch
        {
            0 => Written,
            > 0 => Invariant($"({Written}+{_offset})"),
            _ => Invariant($"({Written}-{-_offset})"),
        };

    private Dim Quotient => IsStatic ? 0 : new Dim(_term, 0, _inner, _divisor);

    private string Written =>
        _divisor == 1 ? _term!.Text
        : _inner == 0 ? Invariant($"floor({_term!.Text}/{_divisor})")
        : Invariant($"floor(({_term!.Text}+{_inner})/{_divisor})");

    private static long FloorDivide(long a, long b) => (a / b) - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
