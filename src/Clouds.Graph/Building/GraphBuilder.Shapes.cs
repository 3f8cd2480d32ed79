namespace Clouds.Graph.Building;

/// <content>Operators that move elements without computing on them.</content>
public sealed partial class GraphBuilder
{
    /// <summary>The same elements in C order under another shape.</summary>
    public Value Reshape(Value x, Shape shape)
    {
        if (x.Shape.Equals(shape))
        {
            return x;
        }

        if (x.Shape.IsStatic && shape.IsStatic && x.Shape.ElementCount != shape.ElementCount)
        {
            throw new ArgumentException($"{x} has {x.Shape.ElementCount} elements, shape {shape} has {shape.ElementCount}");
        }

        return Emit("Reshape", [x, Target(x.Shape, shape)], x.Type, shape);
    }

    /// <summary>Axes reordered: axis i of the result is axis <c>order[i]</c> of x.</summary>
    public Value Transpose(Value x, params int[] order) =>
        Emit("Transpose", [x], x.Type, x.Shape.Permute(order), ("perm", Array.ConvertAll(order, i => (long)i)));

    /// <summary>An axis of extent 1 put in.</summary>
    public Value Unsqueeze(Value x, int axis)
    {
        List<Dim> dims = [.. x.Shape];
        int at = axis < 0 ? axis + x.Shape.Rank + 1 : axis;
        Require(at >= 0 && at <= x.Shape.Rank, $"no axis {axis} can be put into {x}");
        dims.Insert(at, 1);
        return Emit("Unsqueeze", [x, Integers(at)], x.Type, [.. dims]);
    }

    /// <summary>An axis of extent 1 taken out.</summary>
    public Value Squeeze(Value x, int axis)
    {
        Require(x.Shape[axis] == 1, $"axis {axis} of {x} has not the extent 1");
        return Emit("Squeeze", [x, Integers(x.Shape.Axis(axis))], x.Type, x.Shape.Without(axis));
    }

    /// <summary>Repeated along axes of extent 1, to the given shape.</summary>
    public Value Expand(Value x, Shape shape)
    {
        Require(x.Shape.BroadcastsTo(shape), $"{x} does not broadcast to {shape}");
        return x.Shape.Equals(shape) ? x : Emit("Expand", [x, Sizes(shape)], x.Type, shape);
    }

    /// <summary>Values one behind the other along an axis.</summary>
    public Value Concat(int axis, params Value[] values)
    {
        int at = values[0].Shape.Axis(axis);
        foreach (Value value in values)
        {
            bool fits = value.Type == values[0].Type && value.Shape.Rank == values[0].Shape.Rank && value.Shape.With(at, 1).Equals(values[0].Shape.With(at, 1));
            Require(fits, $"{value} does not join {values[0]} along axis {at}");
        }

        Dim total = values.Select(v => v.Shape[at]).Aggregate((a, b) => a + b);
        return values.Length == 1 ? values[0] : Emit("Concat", values, values[0].Type, values[0].Shape.With(at, total), ("axis", (long)at));
    }

    /// <summary>Cut into consecutive parts of the given extents along an axis.</summary>
    public IReadOnlyList<Value> Split(Value x, int axis, params Dim[] sizes)
    {
        int at = x.Shape.Axis(axis);
        Dim whole = sizes.Aggregate((Dim)0, (sum, size) => sum + size);
        Require(Array.TrueForAll(sizes, IsPlace) && (whole == x.Shape[at] || !x.Shape[at].IsStatic || !whole.IsStatic),
            $"{x} does not split into [{string.Join(", ", sizes)}] along axis {at}");
        return EmitMany("Split", "", [x, Sizes([.. sizes])], [.. sizes.Select(size => (x.Type, x.Shape.With(at, size)))], ("axis", (long)at));
    }

    /// <summary>
    /// Elements from, from + step, ... before to, along one axis. A negative step walks backwards and needs from &gt; to; to = -1 is then the place
    /// before the first element. Nothing counts from the end.
    /// </summary>
    public Value Slice(Value x, int axis, long from, long to, long step = 1)
    {
        int at = x.Shape.Axis(axis);
        long last = x.Shape[at].IsStatic ? x.Shape[at].Size : long.MaxValue;
        bool inside = step > 0 ? from >= 0 && from < to && to <= last : step < 0 && to >= -1 && to < from && from < last;
        Require(inside, $"no slice from {from} to {to} by {step} along axis {at} of {x}");
        if (step == 1 && from == 0 && to == last)
        {
            return x;
        }

        long count = step > 0 ? (to - from + step - 1) / step : (from - to - step - 1) / -step;

        // The format reads -1 as the last element, so the place before the first is written as far below it.
        long end = to < 0 ? long.MinValue + 1 : to;
        return Emit("Slice", [x, Integers(from), Integers(end), Integers(at), Integers(step)], x.Type, x.Shape.With(at, count));
    }

    /// <summary>The elements of one axis in reverse order.</summary>
    public Value Flip(Value x, int axis)
    {
        long size = x.Shape[axis].Size;
        return size == 1 ? x : Slice(x, axis, size - 1, -1, -1);
    }

    /// <summary>Zeros put around: before and after each axis, in the order of the axes. Negative counts cut.</summary>
    public Value Pad(Value x, long[] before, long[] after)
    {
        Require(before.Length == x.Shape.Rank && after.Length == x.Shape.Rank, $"one count an axis is needed to pad {x}");
        Shape shape = [.. x.Shape.Select((dim, i) => Extent(dim + before[i] + after[i], "Pad", x))];
        return before.All(n => n == 0) && after.All(n => n == 0) ? x : Emit("Pad", [x, Integers([.. before, .. after])], x.Type, shape, ("mode", "constant"));
    }

    /// <summary>Slices of x along an axis, picked by index; the index's shape takes the axis's place.</summary>
    public Value Gather(Value x, Value indices, int axis = 0)
    {
        int at = x.Shape.Axis(axis);
        RequireIndex("Gather", indices);
        Shape shape = [.. x.Shape.Take(at), .. indices.Shape, .. x.Shape.Skip(at + 1)];
        return Emit("Gather", [x, indices], x.Type, shape, ("axis", (long)at));
    }

    /// <summary>Elements of x picked along an axis by an index of the result's shape.</summary>
    public Value GatherElements(Value x, Value indices, int axis)
    {
        RequireIndex("GatherElements", indices);
        Require(indices.Shape.Rank == x.Shape.Rank, $"GatherElements of {x} by {indices}: the ranks differ");
        return Emit("GatherElements", [x, indices], x.Type, indices.Shape, ("axis", (long)x.Shape.Axis(axis)));
    }

    /// <summary>
    /// Slices of x [B..., X..., D...] picked by indices [B..., K..., C], each of which names a place on the C axes X: [B..., K..., D...].
    /// The first <paramref name="batchAxes"/> axes are those of both.
    /// </summary>
    public Value GatherND(Value x, Value indices, int batchAxes = 0)
    {
        RequireIndex("GatherND", indices);
        int named = batchAxes + (int)indices.Shape[-1].Size;
        bool fits = batchAxes < indices.Shape.Rank && named <= x.Shape.Rank && x.Shape.Take(batchAxes).SequenceEqual(indices.Shape.Take(batchAxes));
        Require(fits, $"GatherND of {x} by {indices} behind {batchAxes} axes");
        return Emit("GatherND", [x, indices], x.Type, [.. indices.Shape.SkipLast(1), .. x.Shape.Skip(named)], ("batch_dims", (long)batchAxes));
    }

    /// <summary>Float zeros.</summary>
    public Value Zeros(Shape shape) => Emit("ConstantOfShape", [Integers(shape.Sizes)], ElementType.Float, shape, ("value", Literal.Of([0f], 1)));

    private static void RequireIndex(string op, Value indices) =>
        Require(indices.Type is ElementType.Int64 or ElementType.Int32, $"{op} wants integers as indices, not {indices}");

    // An extent that an operator leaves over; where it is a number it must be at least 1.
    private static Dim Extent(Dim dim, string op, Value x) =>
        !dim.IsStatic || dim.Size > 0 ? dim : throw new ArgumentException($"{op} of {x} leaves an extent of {dim}");

    // Extents that stay are copied and one is left open, so that no shape has to be computed where the format can say it.
    private Value Target(Shape from, Shape to)
    {
        long[] target = [.. to.Select((dim, i) => dim.IsStatic ? dim.Size : i < from.Rank && from[i] == dim ? 0L : -1L)];
        return target.Count(size => size == -1) <= 1 ? Integers(target) : Sizes(to);
    }
}
