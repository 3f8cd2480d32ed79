using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;

namespace Clouds.Graph.Operators;

/// <summary>
/// clouds.MsDeformAttn: value [N, S, M, D], locations [N, Q, M, L, P, 2], weights [N, Q, M, L, P]; levels = H0, W0, H1, ... -> y [N, Q, M·D]
/// (method.md section 1.3). Its gradient is an operator too.
/// </summary>
/// <remarks>The lowerings see the value as N·M·S rows of D numbers; every sample gathers four of them.</remarks>
internal static class MsDeformAttn
{
    public static readonly CloudsOperator Operator = new("MsDeformAttn", ["value", "locations", "weights"], ["y"], "levels")
    {
        Gradient = Differentiate,
        Lowering = f => Lower(f, Levels(f)),
    };

    /// <summary>The same with the levels as an input, [2 L], for graphs whose images have any size; there is no kernel for it, so its lowering runs.</summary>
    public static readonly CloudsOperator OpenOperator = new("MsDeformAttnOpen", ["value", "locations", "weights", "levels"], ["y"])
    {
        Lowering = f => Lower(f, "levels"),
    };

    public static readonly CloudsOperator GradientOperator =
        new("MsDeformAttnGrad", ["dy", "value", "locations", "weights"], ["dvalue", "dlocations", "dweights"], "levels")
        {
            Lowering = LowerGradient,
        };

    public static Value Emit(GraphBuilder g, Value value, Value locations, Value weights, long[] levels)
    {
        CheckShapes(value, locations, weights, levels);
        Shape shape = [value.Shape[0], locations.Shape[1], value.Shape[2] * value.Shape[3]];
        return Operator.Emit(g, [value, locations, weights], [(value.Type, shape)], ("levels", levels))[0];
    }

    /// <summary>Gradients of value, locations and weights.</summary>
    public static IReadOnlyList<Value> EmitGradient(GraphBuilder g, Value dy, Value value, Value locations, Value weights, long[] levels) =>
        GradientOperator.Emit(g, [dy, value, locations, weights],
            [(value.Type, value.Shape), (value.Type, locations.Shape), (value.Type, weights.Shape)], ("levels", levels));

    public static Value Emit(GraphBuilder g, Value value, Value locations, Value weights, IReadOnlyList<Dim> levels)
    {
        if (levels.All(level => level.IsStatic))
        {
            return Emit(g, value, locations, weights, [.. levels.Select(level => level.Size)]);
        }

        CheckRanks(value, locations, weights, levels.Count);
        Shape shape = [value.Shape[0], locations.Shape[1], value.Shape[2] * value.Shape[3]];
        return OpenOperator.Emit(g, [value, locations, weights, g.Sizes([.. levels])], [(value.Type, shape)])[0];
    }

    private static void CheckRanks(Value value, Value locations, Value weights, int numbers)
    {
        bool ranks = value.Shape.Rank == 4 && locations.Shape.Rank == 6 && weights.Shape.Rank == 5;
        GraphBuilder.Require(ranks && locations.Shape.Equals([.. weights.Shape, 2]), $"deformable attention at {locations} with weights {weights}");
        GraphBuilder.Require(
            locations.Shape[0] == value.Shape[0] && locations.Shape[2] == value.Shape[2], $"deformable attention of {value} at {locations}");
        GraphBuilder.Require(numbers % 2 == 0 && weights.Shape[3] == numbers / 2,
            $"{numbers} numbers are not height and width of the levels of {weights}");
    }

    private static void CheckShapes(Value value, Value locations, Value weights, long[] levels)
    {
        CheckRanks(value, locations, weights, levels.Length);
        long rows = levels.Chunk(2).Sum(level => level[0] * level[^1]);
        GraphBuilder.Require(
            !value.Shape[1].IsStatic || value.Shape[1].Size == rows, $"the levels [{string.Join(", ", levels)}] have {rows} pixels, {value} has not");
    }

    private static Value?[] Differentiate(GradientContext c) =>
        c.Wanting(EmitGradient(c.G, c.Dy, c.X(0), c.X(1), c.X(2), c.Node.Attribute<long[]>("levels")));

    private static string Levels(FunctionBuilder f) => f.FromAttribute("levels", "value_ints", AttributeProto.Types.AttributeType.Ints);

    private static void Lower(FunctionBuilder f, string levels)
    {
        Samples samples = Sample(f, levels);
        string sum = f.Float(0);
        foreach (BilinearTap tap in samples.Taps)
        {
            string pixel = f.Op("Gather", [samples.Rows, f.ToInt(tap.Index)], ("axis", 0L));                  // [N, Q, M, L, P, D]
            sum = f.Add(sum, f.Mul(pixel, f.Op("Unsqueeze", [f.Mul(tap.Weight, "weights"), f.Ints(5)])));
        }

        string heads = f.ReduceSum(sum, [3, 4], keep: false);                                                 // [N, Q, M, D]
        f.Return(f.Reshape(heads, f.Concat(f.Extents("locations", 0, 1), f.Ints(-1))), "y");
    }

    private static void LowerGradient(FunctionBuilder f)
    {
        Samples s = Sample(f, Levels(f));
        string perHead = f.Reshape("dy", f.Concat(f.Extents("locations", 0, 1), f.Extents("value", 2, 3)));   // [N, Q, M, D]
        string dy = f.Op("Unsqueeze", [perHead, f.Ints(3, 4)]);                                               // [N, Q, M, 1, 1, D]
        List<string> sums = [];
        List<string> products = [];                                                                           // <pixel, dy> of each tap
        foreach (BilinearTap tap in s.Taps)
        {
            string index = f.ToInt(tap.Index);
            string pixel = f.Op("Gather", [s.Rows, index], ("axis", 0L));
            products.Add(f.Mul(f.ReduceSum(f.Mul(pixel, dy), [5], keep: false), tap.Inside));                 // [N, Q, M, L, P]
            string update = f.Mul(dy, f.Op("Unsqueeze", [f.Mul(tap.Weight, "weights"), f.Ints(5)]));
            string byRow = f.Reshape(update, f.Concat(f.Ints(-1), f.Extents("value", 3)));
            sums.Add(ScatterAdd.SumByKey(f, f.Reshape(index, f.Ints(-1)), byRow, f.Pick(f.Op("Shape", [s.Rows]), 0, 0)));
        }

        string byHead = f.Reshape(f.Op("Sum", [.. sums]), f.Extents("value", 0, 2, 1, 3));                                      // [N, M, S, D]
        f.Return(f.Op("Transpose", [byHead], ("perm", new[] { 0L, 2L, 1L, 3L })), "dvalue");
        f.Return(SampleSum(f, s, products), "dweights");
        f.Return(LocationGradient(f, s, products), "dlocations");
    }

    private static Samples Sample(FunctionBuilder f, string levels)
    {
        string pairs = f.Reshape(levels, f.Ints(-1, 2));
        (string heights, string widths) = (f.Pick(pairs, 1, 0), f.Pick(pairs, 1, 1));                         // [L]
        string area = f.Mul(heights, widths);
        string start = f.Op("CumSum", [area, f.Int(0)], ("exclusive", 1L));
        string PerLevel(string vector) => f.Reshape(f.ToFloat(vector), f.Ints(-1, 1));                        // [L, 1]
        (string width, string height) = (PerLevel(widths), PerLevel(heights));

        string x = f.Sub(f.Mul(f.Pick("locations", 5, 0), width), f.Float(0.5f));                             // [N, Q, M, L, P]
        string y = f.Sub(f.Mul(f.Pick("locations", 5, 1), height), f.Float(0.5f));
        (string cornerX, string cornerY) = (f.Op("Floor", [x]), f.Op("Floor", [y]));
        (string fractionX, string fractionY) = (f.Sub(x, cornerX), f.Sub(y, cornerY));
        string first = f.Add(PlaneStart(f), f.Reshape(start, f.Ints(-1, 1)));                                 // [N, 1, M, L, 1]
        BilinearTap[] taps = [.. BilinearTap.Corners.Select(step =>
        {
            BilinearTap tap = BilinearTap.Of(f, (cornerX, cornerY), (fractionX, fractionY), (width, height), step);
            return tap with { Index = f.Add(f.ToInt(tap.Index), first) };
        })];

        string byHead = f.Op("Transpose", ["value"], ("perm", new[] { 0L, 2L, 1L, 3L }));                     // [N, M, S, D]
        string rows = f.Reshape(byHead, f.Concat(f.Ints(-1), f.Extents("value", 3)));
        return new Samples(rows, taps, fractionX, fractionY, width, height);
    }

    // Row at which the plane of (image, head) begins: (n·M + m)·S, as [N, 1, M, 1, 1].
    private static string PlaneStart(FunctionBuilder f)
    {
        string planes = f.Extents("value", 0, 2);
        string count = f.Mul(f.Pick(planes, 0, 0), f.Pick(planes, 0, 1));
        string index = f.Op("Range", [f.Int(0), count, f.Int(1)]);
        string shape = f.Concat(f.Extents("value", 0), f.Ints(1), f.Extents("value", 2), f.Ints(1, 1));
        return f.Reshape(f.Mul(index, f.Extents("value", 1)), shape);
    }

    private static string SampleSum(FunctionBuilder f, Samples s, List<string> products)
    {
        (string right, string below) = (s.FractionX, s.FractionY);
        (string left, string above) = (f.Sub(f.Float(1), right), f.Sub(f.Float(1), below));
        string top = f.Add(f.Mul(products[0], left), f.Mul(products[1], right));
        string bottom = f.Add(f.Mul(products[2], left), f.Mul(products[3], right));
        return f.Add(f.Mul(top, above), f.Mul(bottom, below));
    }

    private static string LocationGradient(FunctionBuilder f, Samples s, List<string> products)
    {
        string Slope(string a, string b, string c, string d, string t) => f.Add(f.Mul(f.Sub(b, a), f.Sub(f.Float(1), t)), f.Mul(f.Sub(d, c), t));
        string alongX = f.Mul(Slope(products[0], products[1], products[2], products[3], s.FractionY), s.Width);
        string alongY = f.Mul(Slope(products[0], products[2], products[1], products[3], s.FractionX), s.Height);
        string Pair(string slope) => f.Op("Unsqueeze", [f.Mul(slope, "weights"), f.Ints(5)]);
        return f.Op("Concat", [Pair(alongX), Pair(alongY)], ("axis", 5L));
    }

    private sealed record Samples(string Rows, BilinearTap[] Taps, string FractionX, string FractionY, string Width, string Height);
}
