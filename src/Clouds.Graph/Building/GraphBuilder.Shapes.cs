namespace Clouds.Graph.Building;

/// <content>Operators that move elements without computing on them.</content>
public sealed partial class GraphBuilder
{
    /// <summary>The same elements in C order under another shape. At most one extent of the new shape may be symbolic.</summary>
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

        return Emit("Reshape", [x, Integers(Target(x.Shape, shape))], x.Type, shape);
    }

    /// <summary>Axes reordered: axis i of the result is axis <c>order[i]</c> of x.</summary>
    public Value Transpose(Value x, params int[] order) =>
        Emit("Transpose", [x], x.Type, x.Shape.Permute(order), ("perm", Array.ConvertAll(order, i => (long)i)));

    /// <summary>An axis of extent 1 put in.</summary>
    public Value Unsqueeze(Value x, int axis)
    {
        List<Dim> dims = [.. x.Shape];
        int at = axis < 0 ? axis + x.Shape.Rank + 1 : axis;
        dims.Insert(at, 1);
        return Emit("Unsqueeze", [x, Integers(at)], x.Type, [.. dims]);
    }

    /// <summary>An axis of extent 1 taken out.</summary>
    public Value Squeeze(Value x, int axis) => Emit("Squeeze", [x, Integers(x.Shape.Axis(axis))], x.Type, x.Shape.Without(axis));

    /// <summary>Repeated along axes of extent 1, to the given shape.</summary>
    public Value Expand(Value x, Shape shape) => x.Shape.Equals(shape) ? x : Emit("Expand", [x, Integers(shape.Sizes)], x.Type, shape);

    /// <summary>Values one behind the other along an axis.</summary>
    public Value Concat(int axis, params Value[] values)
    {
        int at = values[0].Shape.Axis(axis);
        Dim total = values.Select(v => v.Shape[at]).Aggregate((a, b) => a + b);
        return values.Length == 1 ? values[0] : Emit("Concat", values, values[0].Type, values[0].Shape.With(at, total), ("axis", (long)at));
    }

    /// <summary>Cut into consecutive parts of the given extents along an axis.</summary>
    public IReadOnlyList<Value> Split(Value x, int axis, params long[] sizes)
    {
        int at = x.Shape.Axis(axis);
        return EmitMany("Split", "", [x, Integers(sizes)], [.. sizes.Select(size => (x.Type, x.Shape.With(at, size)))], ("axis", (long)at));
    }

    /// <summary>Elements from, from + step, ... below to, along one axis; a negative step walks backwards and needs from &gt; to.</summary>
    public Value Slice(Value x, int axis, long from, long to, long step = 1)
    {
        int at = x.Shape.Axis(axis);
        long count = step > 0 ? (to - from + step - 1) / step : (from - to - step - 1) / -step;
        return Emit("Slice", [x, Integers(from), Integers(to), Integers(at), Integers(step)], x.Type, x.Shape.With(at, count));
    }

    /// <summary>The elements of one axis in reverse order.</summary>
    public Value Flip(Value x, int axis)
    {
        long size = x.Shape[axis].Size;
        return size == 1 ? x : Emit("Slice", [x, Integers(size - 1), Integers(long.MinValue + 1), Integers(x.Shape.Axis(axis)), Integers(-1)], x.Type, x.Shape);
    }

    /// <summary>Zeros put around: before and after each axis, in the order of the axes. Negative counts cut.</summary>
    public Value Pad(Value x, long[] before, long[] after)
    {
        Shape shape = [.. x.Shape.Select((dim, i) => dim + before[i] + after[i])];
        return before.All(n => n == 0) && after.All(n => n == 0) ? x : Emit("Pad", [x, Integers([.. before, .. after])], x.Type, shape, ("mode", "constant"));
    }

    /// <summary>Slices of x along an axis, picked by index; the index's shape takes the axis's place.</summary>
    public Value Gather(Value x, Value indices, int axis = 0)
    {
        int at = x.Shape.Axis(axis);
        Shape shape = [.. x.Shape.Take(at), .. indices.Shape, .. x.Shape.Skip(at + 1)];
        return Emit("Gather", [x, indices], x.Type, shape, ("axis", (long)at));
    }

    /// <summary>Elements of x picked along an axis by an index of the result's shape.</summary>
    public Value GatherElements(Value x, Value indices, int axis) =>
        Emit("GatherElements", [x, indices], x.Type, indices.Shape, ("axis", (long)x.Shape.Axis(axis)));

    /// <summary>A copy of x with updates added at the indices along an axis.</summary>
    public Value ScatterElementsAdd(Value x, Value indices, Value updates, int axis) =>
        Emit("ScatterElements", [x, indices, updates], x.Type, x.Shape, ("axis", (long)x.Shape.Axis(axis)), ("reduction", "add"));

    /// <summary>A copy of x with rows added: updates[i...] goes to x[indices[i...]].</summary>
    public Value ScatterRowsAdd(Value x, Value indices, Value updates) =>
        Emit("ScatterND", [x, indices, updates], x.Type, x.Shape, ("reduction", "add"));

    /// <summary>Float zeros.</summary>
    public Value Zeros(Shape shape) => Emit("ConstantOfShape", [Integers(shape.Sizes)], ElementType.Float, shape, ("value", Literal.Of([0f], 1)));

    private static long[] Target(Shape from, Shape to)
    {
        long[] target = [.. to.Select((dim, i) => dim.IsStatic ? dim.Size : i < from.Rank && from[i] == dim ? 0L : -1L)];
        return target.Count(size => size == -1) <= 1 ? target : throw new ArgumentException($"reshape of {from} to {to} leaves more than one extent open");
    }
}
