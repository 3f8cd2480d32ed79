using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;

namespace Clouds.Graph.Operators;

/// <summary>clouds.PointSample: x [N, C, H, W], points [N, P, 2] -> y [N, C, P], bilinear. The gradient of x is an operator too.</summary>
internal static class PointSample
{
    public static readonly CloudsOperator Operator = new("PointSample", ["x", "points"], ["y"])
    {
        Gradient = Differentiate,
        Lowering = f => f.Return(Samples(f, "x"), "y"),
    };

    public static readonly CloudsOperator GradientOperator = new("PointSampleGrad", ["dy", "points"], ["dx"], "size") { Lowering = LowerGradient };

    public static Value Emit(GraphBuilder g, Value x, Value points)
    {
        GraphBuilder.Require(x.Shape.Rank == 4 && points.Shape.Equals([x.Shape[0], points.Shape[1], 2]), $"point samples of {x} at {points}");
        GraphBuilder.Require(x.Type is ElementType.Float or ElementType.UInt8, $"point samples are taken of floats or bytes, not of {x}");
        return Operator.Emit(g, [x, points], [(ElementType.Float, [x.Shape[0], x.Shape[1], points.Shape[1]])])[0];
    }

    /// <summary>Gradient of x, [N, C, height, width].</summary>
    public static Value EmitGradient(GraphBuilder g, Value dy, Value points, long height, long width) =>
        GradientOperator.Emit(g, [dy, points], [(dy.Type, [dy.Shape[0], dy.Shape[1], height, width])], ("size", new[] { height, width }))[0];

    /// <summary>
    /// Gradient of bilinear samples with respect to the points, [N, S, 2]: differences of the four neighbouring pixels, which are read by
    /// sampling at the pixel centres.
    /// </summary>
    public static Value PointGradient(GraphBuilder g, Value x, Value points, Value dy)
    {
        Value size = g.Constant([x.Shape[3].Size, x.Shape[2].Size], 1, 1, 2);
        Value position = g.Sub(g.Mul(points, size), g.Constant(0.5f));                          // [N, S, 2] in pixels
        Value corner = g.Floor(position);
        Value fraction = g.Transpose(g.Sub(position, corner), 2, 0, 1);                         // [2, N, S]
        Value Pixel(float dx, float dyRow) =>
            g.PointSample(x, g.Div(g.Add(corner, g.Constant([dx + 0.5f, dyRow + 0.5f], 1, 1, 2)), size));   // [N, C, S]

        IReadOnlyList<Value> parts = g.Split(fraction, 0, 1, 1);
        (Value fx, Value fy) = (AsChannel(g, parts[0]), AsChannel(g, parts[1]));
        (Value p00, Value p10, Value p01, Value p11) = (Pixel(0, 0), Pixel(1, 0), Pixel(0, 1), Pixel(1, 1));
        Value alongX = Blend(g, g.Sub(p10, p00), g.Sub(p11, p01), fy);
        Value alongY = Blend(g, g.Sub(p01, p00), g.Sub(p11, p10), fx);
        Value Total(Value slope) => g.Transpose(g.ReduceSum(g.Mul(slope, dy), 1), 0, 2, 1);                 // [N, S, 1]
        return g.Mul(g.Concat(-1, Total(alongX), Total(alongY)), size);
    }

    /// <summary>Lowering: planes [N, C, H, W] at the input "points" [N, P, 2]: [N, C, P].</summary>
    public static string Samples(FunctionBuilder f, string planes)
    {
        string grid = f.Sub(f.Mul("points", f.Float(2)), f.Float(1));
        string rows = f.Op("Unsqueeze", [grid, f.Ints(1)]);                                                     // [N, 1, P, 2]
        string samples = f.Op("GridSample", [f.ToFloat(planes), rows], ("mode", "linear"), ("padding_mode", "zeros"), ("align_corners", 0L));
        return f.Op("Squeeze", [samples, f.Ints(2)]);                                                           // [N, C, P]
    }

    private static Value?[] Differentiate(GradientContext c) =>
    [
        c.For(0, () => EmitGradient(c.G, c.Dy, c.X(1), c.X(0).Shape[2].Size, c.X(0).Shape[3].Size)),
        c.For(1, () => PointGradient(c.G, c.X(0), c.X(1), c.Dy)),
    ];

    private static Value AsChannel(GraphBuilder g, Value part) => g.Transpose(part, 1, 0, 2);

    private static Value Blend(GraphBuilder g, Value a, Value b, Value t) => g.Add(g.Mul(a, g.Sub(1f, t)), g.Mul(b, t));

    private static void LowerGradient(FunctionBuilder f)
    {
        string size = f.FromAttribute("size", "value_ints", AttributeProto.Types.AttributeType.Ints);
        (string height, string width) = (f.Pick(size, 0, 0), f.Pick(size, 0, 1));
        string extent = f.ToFloat(f.Op("Concat", [f.Reshape(width, f.Ints(1)), f.Reshape(height, f.Ints(1))], ("axis", 0L)));
        string position = f.Sub(f.Mul("points", extent), f.Float(0.5f));                                        // [N, P, 2]
        string corner = f.Op("Floor", [position]);
        string fraction = f.Sub(position, corner);
        string pixels = f.Mul(height, width);
        string images = f.Op("Range", [f.Int(0), f.Pick(f.Op("Shape", ["dy"]), 0, 0), f.Int(1)]);               // [N]
        string first = f.Reshape(f.Mul(images, pixels), f.Ints(-1, 1));
        string dy = f.Op("Transpose", ["dy"], ("perm", new[] { 0L, 2L, 1L }));                                  // [N, P, C]
        (string X, string Y) Parts(string pair) => (f.Pick(pair, 2, 0), f.Pick(pair, 2, 1));
        ((string X, string Y) corners, (string X, string Y) fractions) = (Parts(corner), Parts(fraction));
        (string X, string Y) extents = (f.ToFloat(width), f.ToFloat(height));
        List<(string Keys, string Updates)> taps = [];
        foreach ((long X, long Y) step in BilinearTap.Corners)
        {
            BilinearTap tap = BilinearTap.Of(f, corners, fractions, extents, step);
            string update = f.Mul(dy, f.Op("Unsqueeze", [tap.Weight, f.Ints(2)]));
            taps.Add((f.Reshape(f.Add(f.ToInt(tap.Index), first), f.Ints(-1)), f.Reshape(update, f.Concat(f.Ints(-1), f.Extents("dy", 1)))));
        }

        string keys = f.Concat([.. taps.Select(tap => tap.Keys)]);                                              // [4·N·P]
        string updates = f.Concat([.. taps.Select(tap => tap.Updates)]);                                        // [4·N·P, C]
        string rows = ScatterAdd.SumByKey(f, keys, updates, f.Mul(pixels, f.Op("Size", [images])));             // [N·H·W, C]
        string planes = f.Reshape(rows, f.Concat(f.Extents("dy", 0), f.Reshape(pixels, f.Ints(1)), f.Extents("dy", 1)));
        string byChannel = f.Op("Transpose", [planes], ("perm", new[] { 0L, 2L, 1L }));                         // [N, C, H·W]
        f.Return(f.Reshape(byChannel, f.Concat(f.Extents("dy", 0, 1), size)), "dx");
    }
}
