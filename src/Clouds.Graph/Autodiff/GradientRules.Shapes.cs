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
        ["GatherElements"] = Unary((g, c) => g.ScatterElementsAdd(g.Zeros(c.X(0).Shape), c.X(1), c.Dy, (int)c.Node.Attribute<long>("axis"))),
        ["ScatterElements"] = c => [c.For(0, () => c.Dy), null, c.For(2, () => c.G.GatherElements(c.Dy, c.X(1), (int)c.Node.Attribute<long>("axis")))],
        ["ScatterND"] = c => [c.For(0, () => c.Dy), null, c.For(2, () => c.G.Emit("GatherND", [c.Dy, c.X(1)], c.Dy.Type, c.X(2).Shape))],
        ["GatherND"] = Unary((g, c) => g.ScatterRowsAdd(g.Zeros(c.X(0).Shape), c.X(1), c.Dy)),
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
        int rank = shape.Rank;
        int[] axisFirst = [axis, .. Enumerable.Range(0, rank).Where(i => i != axis)];
        int[] indexAxes = [.. Enumerable.Range(axis, indices.Shape.Rank)];
        int[] others = [.. Enumerable.Range(0, dy.Shape.Rank).Except(indexAxes)];
        Value rows = axis == 0 ? dy : g.Transpose(dy, [.. indexAxes, .. others]);
        Value zeros = g.Zeros(shape.Permute(axisFirst));
        Value sum = g.ScatterRowsAdd(zeros, g.Unsqueeze(indices, -1), rows);
        return axis == 0 ? sum : g.Transpose(sum, Inverse(Array.ConvertAll(axisFirst, i => (long)i)));
    }
}
