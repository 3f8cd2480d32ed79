using Clouds.Graph.Onnx;

namespace Clouds.Graph.CustomOps;

/// <content>Point sampling: N images, C channels, P points.</content>
internal static partial class Lowerings
{
    private static FunctionProto PointSample()
    {
        FunctionBuilder f = new("PointSample", ["x", "points"], ["y"]);
        f.Return(PointSamples(f, "x"), "y");
        return f.Build();
    }

    // Planes [N, C, H, W] at the input "points" [N, P, 2]: [N, C, P].
    private static string PointSamples(FunctionBuilder f, string planes)
    {
        string grid = f.Sub(f.Mul("points", f.Float(2)), f.Float(1));
        string rows = f.Op("Unsqueeze", [grid, f.Ints(1)]);                                                     // [N, 1, P, 2]
        string samples = f.Op("GridSample", [f.ToFloat(planes), rows], ("mode", "linear"), ("padding_mode", "zeros"), ("align_corners", 0L));
        return f.Op("Squeeze", [samples, f.Ints(2)]);                                                           // [N, C, P]
    }

    private static FunctionProto PointSampleGrad()
    {
        FunctionBuilder f = new("PointSampleGrad", ["dy", "points"], ["dx"], "size");
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
        List<(string Keys, string Updates)> taps = [];
        foreach ((long dx, long dyRow) in new[] { (0L, 0L), (1L, 0L), (0L, 1L), (1L, 1L) })
        {
            Tap tap = TapOf(
                f, f.Pick(corner, 2, 0), f.Pick(corner, 2, 1), f.Pick(fraction, 2, 0), f.Pick(fraction, 2, 1), f.ToFloat(width), f.ToFloat(height), dx, dyRow);
            string update = f.Mul(dy, f.Op("Unsqueeze", [tap.Weight, f.Ints(2)]));
            taps.Add((f.Reshape(f.Add(f.ToInt(tap.Index), first), f.Ints(-1)), f.Reshape(update, f.Concat(f.Ints(-1), f.Extents("dy", 1)))));
        }

        string keys = f.Concat([.. taps.Select(tap => tap.Keys)]);                                              // [4·N·P]
        string updates = f.Concat([.. taps.Select(tap => tap.Updates)]);                                        // [4·N·P, C]
        string rows = ScatterAdd.SumByKey(f, keys, updates, f.Mul(pixels, f.Op("Size", [images])));             // [N·H·W, C]
        string planes = f.Reshape(rows, f.Concat(f.Extents("dy", 0), f.Reshape(pixels, f.Ints(1)), f.Extents("dy", 1)));
        string byChannel = f.Op("Transpose", [planes], ("perm", new[] { 0L, 2L, 1L }));                         // [N, C, H·W]
        f.Return(f.Reshape(byChannel, f.Concat(f.Extents("dy", 0, 1), size)), "dx");
        return f.Build();
    }

    private sealed record Tap(string Index, string Weight, string Inside);

    /// <summary>
    /// One of the four pixels around a position: its index in the map (0 where it lies outside) and its bilinear weight (0 outside).
    /// All inputs are floats, so that positions far outside cannot overflow.
    /// </summary>
    private static Tap TapOf(
        FunctionBuilder f, string cornerX, string cornerY, string fractionX, string fractionY, string width, string height, long dx, long dy)
    {
        string x = f.Add(cornerX, f.Float(dx));
        string y = f.Add(cornerY, f.Float(dy));
        string inside = f.ToFloat(f.Op("And", [Within(f, x, width), Within(f, y, height)]));
        string wx = dx == 1 ? fractionX : f.Sub(f.Float(1), fractionX);
        string wy = dy == 1 ? fractionY : f.Sub(f.Float(1), fractionY);
        string column = f.Op("Min", [f.Op("Max", [x, f.Float(0)]), f.Sub(width, f.Float(1))]);
        string row = f.Op("Min", [f.Op("Max", [y, f.Float(0)]), f.Sub(height, f.Float(1))]);
        return new Tap(f.Add(f.Mul(row, width), column), f.Mul(f.Mul(wx, wy), inside), inside);
    }

    private static string Within(FunctionBuilder f, string position, string size) =>
        f.Op("And", [f.Op("GreaterOrEqual", [position, f.Float(0)]), f.Op("Less", [position, size])]);
}
