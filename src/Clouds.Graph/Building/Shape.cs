using System.Collections;
using System.Runtime.CompilerServices;

namespace Clouds.Graph.Building;

/// <summary>The extents of a tensor, outermost first. Immutable; written as a collection: <c>[1, 3, "H", "W"]</c>.</summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public sealed class Shape : IReadOnlyList<Dim>, IEquatable<Shape>
{
    private readonly Dim[] _dims;

    private Shape(Dim[] dims) => _dims = dims;

    /// <summary>Number of axes.</summary>
    public int Rank => _dims.Length;

    int IReadOnlyCollection<Dim>.Count => _dims.Length;

    /// <summary>Whether every extent is a number.</summary>
    public bool IsStatic => Array.TrueForAll(_dims, dim => dim.IsStatic);

    /// <summary>Number of elements.</summary>
    /// <exception cref="InvalidOperationException">An extent is symbolic.</exception>
    public long ElementCount => _dims.Aggregate(1L, (product, dim) => product * dim.Size);

    /// <summary>The extents as numbers.</summary>
    /// <exception cref="InvalidOperationException">An extent is symbolic.</exception>
    public long[] Sizes => Array.ConvertAll(_dims, dim => dim.Size);

    /// <summary>The extent of an axis; negative axes count from the end.</summary>
    public Dim this[int axis] => _dims[Axis(axis)];

    /// <summary>Builds a shape from its extents.</summary>
    public static Shape Create(ReadOnlySpan<Dim> dims) => new(dims.ToArray());

    /// <summary>Builds a shape from numbers.</summary>
    public static Shape Of(ReadOnlySpan<long> sizes)
    {
        Dim[] dims = new Dim[sizes.Length];
        for (int i = 0; i < dims.Length; i++)
        {
            dims[i] = sizes[i];
        }

        return new Shape(dims);
    }

    /// <summary>The shape of an element-wise result under ONNX (NumPy) broadcasting.</summary>
    /// <exception cref="ArgumentException">Two extents differ and neither is 1.</exception>
    public static Shape Broadcast(Shape a, Shape b)
    {
        int rank = Math.Max(a.Rank, b.Rank);
        Dim[] dims = new Dim[rank];
        for (int i = 1; i <= rank; i++)
        {
            Dim x = i <= a.Rank ? a[-i] : 1;
            Dim y = i <= b.Rank ? b[-i] : 1;
            dims[rank - i] = x == y || y == 1 ? x : x == 1 ? y : throw new ArgumentException($"shapes {a} and {b} do not broadcast");
        }

        return new Shape(dims);
    }

    /// <summary>Whether a tensor of this shape can be repeated to the other shape.</summary>
    public bool BroadcastsTo(Shape other)
    {
        for (int i = 1; i <= Rank; i++)
        {
            if (i > other.Rank || (this[-i] != 1 && this[-i] != other[-i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A non-negative axis from one that may count from the end.</summary>
    public int Axis(int axis)
    {
        int positive = axis < 0 ? axis + Rank : axis;
        return positive >= 0 && positive < Rank ? positive : throw new ArgumentOutOfRangeException(nameof(axis), $"axis {axis} of shape {this}");
    }

    /// <summary>The same shape with one extent replaced.</summary>
    public Shape With(int axis, Dim size)
    {
        Dim[] dims = [.. _dims];
        dims[Axis(axis)] = size;
        return new Shape(dims);
    }

    /// <summary>The same shape without one axis.</summary>
    public Shape Without(int axis)
    {
        int gone = Axis(axis);
        return new Shape([.. _dims.Where((_, i) => i != gone)]);
    }

    /// <summary>Axes reordered: axis i of the result is axis <c>order[i]</c> of this shape.</summary>
    /// <exception cref="ArgumentException">The order is not a permutation of the axes.</exception>
    public Shape Permute(params ReadOnlySpan<int> order)
    {
        HashSet<int> named = [.. order];
        if (order.Length != Rank || named.Count != Rank || named.Any(axis => axis < 0 || axis >= Rank))
        {
            throw new ArgumentException($"the order [{string.Join(", ", order.ToArray())}] does not name each axis of {this} once");
        }

        Dim[] dims = new Dim[order.Length];
        for (int i = 0; i < dims.Length; i++)
        {
            dims[i] = _dims[order[i]];
        }

        return new Shape(dims);
    }

    /// <inheritdoc/>
    public bool Equals(Shape? other) => other is not null && _dims.AsSpan().SequenceEqual(other._dims);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode() => _dims.Aggregate(17, HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", _dims)}]";

    /// <inheritdoc/>
    public IEnumerator<Dim> GetEnumerator() => ((IEnumerable<Dim>)_dims).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
