namespace Clouds.Graph.Building;

/// <content>Pooling, resizing, sampling.</content>
public sealed partial class GraphBuilder
{
    /// <summary>Average over kernel x kernel windows; x [N, C, H, W]; padding counts as zeros.</summary>
    public Value AveragePool(Value x, long kernel, long stride, long pad = 0) =>
        Emit("AveragePool", [x], x.Type, Pooled(x, kernel, stride, pad), [.. PoolAttributes(kernel, stride, pad), ("count_include_pad", 1L)]);

    /// <summary>Maximum over kernel x kernel windows; x [N, C, H, W].</summary>
    public Value MaxPool(Value x, long kernel, long stride, long pad = 0)
    {
        Shape shape = Pooled(x, kernel, stride, pad);
        return EmitMany("MaxPool", "", [x], [(x.Type, shape), (ElementType.Int64, shape)], PoolAttributes(kernel, stride, pad))[0];
    }

    /// <summary>Mean over height and width: x [N, C, H, W] to [N, C].</summary>
    public Value GlobalAveragePool(Value x) => ReduceMean(ReduceMean(x, 3, keep: false), 2, keep: false);

    /// <summary>Bilinear resize of x [N, C, H, W], half-pixel centres, no antialias: interpolate(mode="bilinear", align_corners=False).</summary>
    public Value ResizeBilinear(Value x, Dim height, Dim width) => Resize(x, height, width, "linear", "half_pixel", "round_prefer_floor");

    /// <summary>Nearest resize of x [N, C, H, W], source index floor(i · in / out): interpolate(mode="nearest").</summary>
    public Value ResizeNearest(Value x, long height, long width)
    {
        // The runtime divides by a rounded scale and can land one pixel off, unless the scale is a whole number.
        bool Exact(int axis, long to) => !x.Shape[axis].IsStatic || to % x.Shape[axis].Size == 0;
        return x.Shape.Rank != 4 || (Exact(2, height) && Exact(3, width))
            ? Resize(x, height, width, "nearest", "asymmetric", "floor")
            : PickNearest(PickNearest(x, 2, height), 3, width);
    }

    /// <summary>
    /// Bilinear samples of x [N, C, H, W] at grid [N, h, w, 2], (x, y) in -1..1 over the full extent, zeros outside:
    /// grid_sample(align_corners=False).
    /// </summary>
    public Value GridSample(Value x, Value grid)
    {
        Require(x.Shape.Rank == 4 && grid.Shape.Rank == 4 && grid.Shape[3] == 2 && grid.Shape[0] == x.Shape[0], $"GridSample of {x} at {grid}");
        return Emit("GridSample", [x, grid], x.Type, [x.Shape[0], x.Shape[1], grid.Shape[1], grid.Shape[2]],
            ("mode", "linear"), ("padding_mode", "zeros"), ("align_corners", 0L));
    }

    private static Shape Pooled(Value x, long kernel, long stride, long pad)
    {
        Require(x.Shape.Rank == 4 && pad < kernel, $"pooling of {x} over windows of {kernel} with padding {pad}");
        Dim Side(int axis) => Extent(((x.Shape[axis] + (2 * pad) - kernel) / stride) + 1, "pooling", x);
        return [x.Shape[0], x.Shape[1], Side(2), Side(3)];
    }

    private static (string Name, object Value)[] PoolAttributes(long kernel, long stride, long pad) =>
        [("kernel_shape", new[] { kernel, kernel }), ("strides", new[] { stride, stride }), ("pads", new[] { pad, pad, pad, pad })];

    private Value PickNearest(Value x, int axis, long to)
    {
        long from = x.Shape[axis].Size;
        return from == to ? x : Gather(x, Integers([.. Enumerable.Range(0, (int)to).Select(i => i * from / to)]), axis);
    }

    private Value Resize(Value x, Dim height, Dim width, string mode, string coordinates, string rounding)
    {
        Require(x.Shape.Rank == 4 && IsPlace(height) && IsPlace(width), $"resize of {x} to {height} x {width}");
        Shape shape = [x.Shape[0], x.Shape[1], height, width];
        return x.Shape.Equals(shape)
            ? x
            : Emit("Resize", [x, null, null, Sizes([height, width])], x.Type, shape, ("mode", mode),
                ("coordinate_transformation_mode", coordinates), ("nearest_mode", rounding), ("axes", new[] { 2L, 3L }));
    }

    private static bool IsPlace(Dim extent) => !extent.IsStatic || extent.Size > 0;
}
