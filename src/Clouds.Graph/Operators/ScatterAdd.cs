using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;

namespace Clouds.Graph.Operators;

/// <summary>
/// clouds.ScatterAdd, the adjoint of picking rows: shape rule, gradient, lowering, and why the standard's own scatters may not add.
/// Updates [B..., K..., D...] go to the rows indices [B..., K...] of zeros [B..., R, D...], which are added up in the order of the indices.
/// </summary>
internal static class ScatterAdd
{
    public static readonly CloudsOperator Operator = new("ScatterAdd", ["updates", "indices"], ["sums"], "rows", "batch_axes")
    {
        Gradient = Differentiate,
        Lowering = Lower,
    };

    /// <summary>Refuses the scatters of the standard that accumulate: where indices repeat, the runtime's kernels race.</summary>
    /// <exception cref="ArgumentException">The node is one.</exception>
    public static void RefuseRace(string op, string domain, IEnumerable<KeyValuePair<string, object>> attributes)
    {
        if (domain.Length == 0 && op is "ScatterND" or "ScatterElements" && attributes.Any(a => a.Key == "reduction" && a.Value is not "none"))
        {
            throw new ArgumentException(
                $"{op} with a reduction loses updates where indices repeat: the runtime's kernel works on several threads without protection; "
                + "use GraphBuilder.ScatterAdd");
        }
    }

    public static Value Emit(GraphBuilder g, Value updates, Value indices, long rows, int batchAxes)
    {
        Shape picked = [.. updates.Shape.Take(indices.Shape.Rank)];
        GraphBuilder.Require(picked.Equals(indices.Shape), $"ScatterAdd of {updates} to {indices}: the updates' first axes must be those of the indices");
        GraphBuilder.Require(
            batchAxes >= 0 && batchAxes <= indices.Shape.Rank && rows > 0, $"ScatterAdd of {updates} to {indices}: {rows} rows behind {batchAxes} axes");
        Value index = indices.Type == ElementType.Int64 ? indices : g.Cast(indices, ElementType.Int64);
        Shape sums = [.. indices.Shape.Take(batchAxes), rows, .. updates.Shape.Skip(indices.Shape.Rank)];
        return Operator.Emit(g, [updates, index], [(updates.Type, sums)], ("rows", rows), ("batch_axes", (long)batchAxes))[0];
    }

    /// <summary>An update's gradient is the row that it was added to.</summary>
    private static Value?[] Differentiate(GradientContext c)
    {
        long batchAxes = c.Node.Attribute<long>("batch_axes");
        return [c.For(0, () => c.G.GatherND(c.Dy, c.G.Unsqueeze(c.X(1), -1), (int)batchAxes)), null];
    }

    // B blocks of R rows; K updates of D numbers a block.
    private static void Lower(FunctionBuilder f)
    {
        string rows = f.FromAttribute("rows", "value_int", AttributeProto.Types.AttributeType.Int);
        string axes = f.Reshape(f.FromAttribute("batch_axes", "value_int", AttributeProto.Types.AttributeType.Int), f.Ints(1));
        string block = f.Op("Flatten", ["indices"]);                                                          // [B, K]
        f.Refer("axis", "batch_axes", AttributeProto.Types.AttributeType.Int);
        string row = f.Op("Mod", [block, rows]);                                                              // negative ones count from the end
        string first = f.Mul(f.Op("Range", [f.Int(0), f.Pick(f.Op("Shape", [block]), 0, 0), f.Int(1)]), rows); // [B]
        string keys = f.Reshape(f.Add(row, f.Reshape(first, f.Ints(-1, 1))), f.Ints(-1));                     // [B·K]
        string updates = f.Reshape("updates", f.Concat(f.Op("Shape", [keys]), f.Ints(-1)));                   // [B·K, D]
        string sums = SumByKey(f, keys, updates, f.Mul(rows, f.Op("Size", [first])));                         // [B·R, D]

        string indexShape = f.Op("Shape", ["indices"]);
        string outer = f.Op("Slice", [indexShape, f.Ints(0), axes]);
        string inner = f.Op("Slice", [f.Op("Shape", ["updates"]), f.Op("Shape", [indexShape]), f.Ints(long.MaxValue)]);
        f.Return(f.Reshape(sums, f.Concat(outer, f.Reshape(rows, f.Ints(1)), inner)), "sums");
    }

    /// <summary>
    /// Sums of updates [K, D] with equal keys [K] in 0..count: [count, D]. The updates are sorted by key, and differences of their running sum
    /// at the ends of the runs are put where no two meet. The running sum is in double precision, so it loses less than the plain order would;
    /// an update that is not finite spoils the rows behind it too.
    /// </summary>
    public static string SumByKey(FunctionBuilder f, string keys, string updates, string count)
    {
        string length = f.Op("Shape", [keys]);
        (string sorted, string order) = f.Pair("TopK", [keys, length], ("axis", 0L), ("largest", 0L), ("sorted", 1L));
        string next = f.Concat(f.Op("Slice", [sorted, f.Ints(1), f.Ints(long.MaxValue)]), f.Ints(-1));
        string isLast = f.Op("Not", [f.Op("Equal", [sorted, next])]);
        string wide = f.Op("Cast", [f.Op("Gather", [updates, order], ("axis", 0L))], ("to", (long)ElementType.Double));
        string running = f.Op("CumSum", [wide, f.Int(0)]);
        string ends = f.Op("Compress", [running, isLast], ("axis", 0L));
        string sums = f.ToFloat(f.Sub(ends, f.Op("Pad", [ends, f.Ints(1, 0, -1, 0)])));
        string rows = f.Op("Compress", [sorted, isLast], ("axis", 0L));
        string zeros = f.Op("Expand", [f.Float(0), f.Concat(f.Reshape(count, f.Ints(1)), f.Extents(updates, 1))]);
        return f.Op("ScatterND", [zeros, f.Op("Unsqueeze", [rows, f.Ints(1)]), sums]);
    }
}
