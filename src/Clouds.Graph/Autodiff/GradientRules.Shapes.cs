using Clouds.Graph.Building;

namespace Clouds.Graph.Autodiff;

/// <content>Operators that move elements: the gradient moves them back.</content>
internal static partial class GradientRules
{
    private static Dictionary<string, GradientRule> ShapeRules => new()
    {
        ["Reshape"] = Unary((g, c) => g.Reshape(c.Dy, c.X(0).Shape)),
        ["Unsqueeze"] = Unary((g, c) => g.Reshape(c.Dy, c.X(0).Shape)),
        ["Squeeze"] = Unary((g, c) => g.Reshape(c.Dy, c.X(0).Shape)),
        ["Expand"] = Unary((g, c) => g.SumTo(c.Dy, c.X(0).Shape)),
        ["Transpose"] = Unary((g, c) => g.Transpose(c.Dy, Inverse(c.Node.Attribute<long[]>("perm")))),
        ["Concat"] = ConcatRule,
        ["Split"] = SplitRule,
        ["Slice"] = Unary(SliceGradient),
        ["Pad"] = Unary(PadGradient),
        ["Gather"] = Unary(GatherGradient),
        ["GatherElements"] = Unary(GatherElementsGradient),
        ["GatherND"] = Unary(GatherNDGradient),
    };

    private static int[] Inverse(long[] order)
    {
        int[] inverse = new int[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            inverse[order[i]] = i;
        }

        return inverse;
    }

    private static Value?[] ConcatRule(GradientContext c)
    {
        int axis = (int)c.Node.Attribute<long>("axis");
        IReadOnlyList<Value> parts = c.G.Split(c.Dy, axis, [.. c.Node.Inputs.Select((_, i) => c.X(i).Shape[axis].Size)]);
        return [.. parts.Select((part, i) => c.For(i, () => part))];
    }

    private static Value?[] SplitRule(GradientContext c)
    {
        Value[] parts = [.. c.Node.Outputs.Select((output, i) => c.Upstream[i] ?? c.G.Zeros(output.Shape))];
        return [c.For(0, () => c.G.Concat((int)c.Node.Attribute<long>("axis"), parts))];
    }

    // Unit steps are padded back, reversals reversed, other strides scattered.
    private static Value SliceGradient(GraphBuilder g, GradientContext c)
    {
        long from = c.X(1).Literal!.Integers[0];
        int axis = (int)c.X(3).Literal!.Integers[0];
        long step = c.X(4).Literal!.Integers[0];
        Shape shape = c.X(0).Shape;
        long size = shape[axis].Size;
        long taken = c.Y.Shape[axis].Size;
        if (step == 1)
        {
            long[] before = new long[shape.Rank];
            long[] after = new long[shape.Rank];
            (before[axis], after[axis]) = (from, size - from - taken);
            return g.Pad(c.Dy, before, after);
        }

        if (step == -1 && taken == size)
        {
            return g.Flip(c.Dy, axis);
        }

        long[] index = [.. Enumerable.Range(0, (int)taken).Select(i => from + (i * step))];
        return AddRows(g, shape, axis, g.Integers(index), c.Dy);
    }

    private static Value PadGradient(GraphBuilder g, GradientContext c)
    {
        long[] pads = c.X(1).Literal!.Integers.ToArray();
        int rank = c.X(0).Shape.Rank;
        return g.Pad(c.Dy, [.. pads[..rank].Select(n => -n)], [.. pads[rank..].Select(n => -n)]);
    }

    private static Value GatherGradient(GraphBuilder g, GradientContext c) =>
        AddRows(g, c.X(0).Shape, (int)c.Node.Attribute<long>("axis"), c.X(1), c.Dy);

    // Adds slices of dy, one per index, to zeros of the given shape: rows of a matrix once the axis stands first.
    private static Value AddRows(GraphBuilder g, Shape shape, int axis, Value indices, Value dy)
    {
        int[] axisFirst = [axis, .. Enumerable.Range(0, shape.Rank).Where(i => i != axis)];
        int[] indexAxes = [.. Enumerable.Range(axis, indices.Shape.Rank)];
        int[] others = [.. Enumerable.Range(0, dy.Shape.Rank).Except(indexAxes)];
        Value rows = axis == 0 ? dy : g.Transpose(dy, [.. indexAxes, .. others]);
        Value sum = g.ScatterAdd(rows, indices, shape[axis].Size);
        return axis == 0 ? sum : g.Transpose(sum, Inverse(Array.ConvertAll(axisFirst, i => (long)i)));
    }

    // Every line along the axis is a block with indices of its own. An index may be shorter than x on the other axes.
    private static Value GatherElementsGradient(GraphBuilder g, GradientContext c)
    {
        Shape shape = c.X(0).Shape;
        int axis = shape.Axis((int)c.Node.Attribute<long>("axis"));
        int[] axisLast = [.. Enumerable.Range(0, shape.Rank).Where(i => i != axis), axis];
        Value Turned(Value x) => axis == shape.Rank - 1 ? x : g.Transpose(x, axisLast);
        Value sum = g.ScatterAdd(Turned(c.Dy), Turned(c.X(1)), shape[axis].Size, shape.Rank - 1);
        Value back = axis == shape.Rank - 1 ? sum : g.Transpose(sum, Inverse(Array.ConvertAll(axisLast, i => (long)i)));
        return g.Pad(back, new long[shape.Rank], [.. shape.Sizes.Zip(back.Shape.Sizes, (all, used) => all - used)]);
    }

    // The named axes become one.
    private static Value GatherNDGradient(GraphBuilder g, GradientContext c)
    {
        (Shape shape, Value indices) = (c.X(0).Shape, c.X(1));
        int batchAxes = (int)c.Node.Attribute("batch_dims", 0L);
        long[] extents = [.. shape.Sizes.Skip(batchAxes).Take((int)indices.Shape[-1].Size)];
        long[] strides = [.. extents.Select((_, i) => extents.Skip(i + 1).Aggregate(1L, (a, b) => a * b))];
        Value inside = g.Emit("Mod", [g.Cast(indices, ElementType.Int64), g.Integers(extents)], ElementType.Int64, indices.Shape);
        Value index = g.ReduceSum(g.Mul(inside, g.Integers(strides)), -1, keep: false);
        return g.Reshape(g.ScatterAdd(c.Dy, index, extents[0] * strides[0], batchAxes), shape);
    }
}
