using Clouds.Graph.Onnx;

namespace Clouds.Graph.CustomOps;

/// <content>
/// Deformable attention by gathering rows: N images, S value rows, M heads, D channels, Q queries, L levels, P points. The value is seen as
/// N·M·S rows of D numbers; every sample reads four of them.
/// </content>
internal static partial class Lowerings
{
    private static FunctionProto MsDeformAttn()
    {
        FunctionBuilder f = new("MsDeformAttn", ["value", "locations", "weights"], ["y"], "levels");
        DeformableSamples samples = Samples(f);
        string sum = f.Float(0);
        foreach (Tap tap in samples.Taps)
        {
            string pixel = f.Op("Gather", [samples.Rows, f.ToInt(tap.Index)], ("axis", 0L));                  // [N, Q, M, L, P, D]
            sum = f.Add(sum, f.Mul(pixel, f.Op("Unsqueeze", [f.Mul(tap.Weight, "weights"), f.Ints(5)])));
        }

        string heads = f.ReduceSum(sum, [3, 4], keep: false);                                                 // [N, Q, M, D]
        f.Return(f.Reshape(heads, f.Concat(f.Extents("locations", 0, 1), f.Ints(-1))), "y");
        return f.Build();
    }

    private static FunctionProto MsDeformAttnGrad()
    {
        FunctionBuilder f = new("MsDeformAttnGrad", ["dy", "value", "locations", "weights"], ["dvalue", "dlocations", "dweights"], "levels");
        DeformableSamples s = Samples(f);
        string perHead = f.Reshape("dy", f.Concat(f.Extents("locations", 0, 1), f.Extents("value", 2, 3)));   // [N, Q, M, D]
        string dy = f.Op("Unsqueeze", [perHead, f.Ints(3, 4)]);                                               // [N, Q, M, 1, 1, D]
        List<string> sums = [];
        List<string> products = [];                                                                           // <pixel, dy> of each tap
        foreach (Tap tap in s.Taps)
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
        return f.Build();
    }

    private sealed record DeformableSamples(string Rows, Tap[] Taps, string FractionX, string FractionY, string Width, string Height);

    private static DeformableSamples Samples(FunctionBuilder f)
    {
        string levels = f.Reshape(f.FromAttribute("levels", "value_ints", AttributeProto.Types.AttributeType.Ints), f.Ints(-1, 2));
        (string heights, string widths) = (f.Pick(levels, 1, 0), f.Pick(levels, 1, 1));                       // [L]
        string area = f.Mul(heights, widths);
        string start = f.Op("CumSum", [area, f.Int(0)], ("exclusive", 1L));
        string PerLevel(string vector) => f.Reshape(f.ToFloat(vector), f.Ints(-1, 1));                        // [L, 1]
        (string width, string height) = (PerLevel(widths), PerLevel(heights));

        string x = f.Sub(f.Mul(f.Pick("locations", 5, 0), width), f.Float(0.5f));                             // [N, Q, M, L, P]
        string y = f.Sub(f.Mul(f.Pick("locations", 5, 1), height), f.Float(0.5f));
        (string cornerX, string cornerY) = (f.Op("Floor", [x]), f.Op("Floor", [y]));
        (string fractionX, string fractionY) = (f.Sub(x, cornerX), f.Sub(y, cornerY));
        string first = f.Add(PlaneStart(f), f.Reshape(start, f.Ints(-1, 1)));                                 // [N, 1, M, L, 1]
        Tap[] taps = [.. new[] { (0L, 0L), (1L, 0L), (0L, 1L), (1L, 1L) }.Select(corner =>
        {
            Tap tap = TapOf(f, cornerX, cornerY, fractionX, fractionY, width, height, corner.Item1, corner.Item2);
            return tap with { Index = f.Add(f.ToInt(tap.Index), first) };
        })];

        string byHead = f.Op("Transpose", ["value"], ("perm", new[] { 0L, 2L, 1L, 3L }));                     // [N, M, S, D]
        string rows = f.Reshape(byHead, f.Concat(f.Ints(-1), f.Extents("value", 3)));
        return new DeformableSamples(rows, taps, fractionX, fractionY, width, height);
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

    private static string SampleSum(FunctionBuilder f, DeformableSamples s, List<string> products)
    {
        (string right, string below) = (s.FractionX, s.FractionY);
        (string left, string above) = (f.Sub(f.Float(1), right), f.Sub(f.Float(1), below));
        string top = f.Add(f.Mul(products[0], left), f.Mul(products[1], right));
        string bottom = f.Add(f.Mul(products[2], left), f.Mul(products[3], right));
        return f.Add(f.Mul(top, above), f.Mul(bottom, below));
    }

    private static string LocationGradient(FunctionBuilder f, DeformableSamples s, List<string> products)
    {
        string Slope(string a, string b, string c, string d, string t) => f.Add(f.Mul(f.Sub(b, a), f.Sub(f.Float(1), t)), f.Mul(f.Sub(d, c), t));
        string alongX = f.Mul(Slope(products[0], products[1], products[2], products[3], s.FractionY), s.Width);
        string alongY = f.Mul(Slope(products[0], products[2], products[1], products[3], s.FractionX), s.Height);
        string Pair(string slope) => f.Op("Unsqueeze", [f.Mul(slope, "weights"), f.Ints(5)]);
        return f.Op("Concat", [Pair(alongX), Pair(alongY)], ("axis", 5L));
    }
}
