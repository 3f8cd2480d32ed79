using Clouds.Graph.Randomness;
using static Clouds.Tests.Graph.Autodiff.GradientCase;

namespace Clouds.Tests.Graph.Autodiff;

/// <content>Pooling, resizing, sampling at points, deformable attention, and our layer normalisation.</content>
internal static partial class GradientCases
{
    private static IEnumerable<GradientCase> Sampling() => [.. Resizes(), .. Pools(), .. GridSamples()];

    private static IEnumerable<GradientCase> Resizes()
    {
        (long H, long W)[] targets = [(6, 8), (2, 2), (5, 7), (3, 9), (1, 1), (3, 3)];
        foreach ((long h, long w) in targets)
        {
            yield return InSingle("Resize", $"bilinear 3x4 to {h}x{w}", c => c.G.ResizeBilinear(c[0], h, w), U(2, 2, 3, 4));
            yield return InSingle("Resize", $"nearest 3x4 to {h}x{w}", c => c.G.ResizeNearest(c[0], h, w), U(2, 2, 3, 4));
        }

        yield return InSingle("Resize", "bilinear 1x1 to 3x2", c => c.G.ResizeBilinear(c[0], 3, 2), U(1, 2, 1, 1));
    }

    private static IEnumerable<GradientCase> Pools() =>
    [
        InSingle("AveragePool", "2, stride 2", c => c.G.AveragePool(c[0], 2, 2), U(2, 2, 4, 4)),
        InSingle("AveragePool", "3, stride 2, pad 1, with a rest", c => c.G.AveragePool(c[0], 3, 2, 1), U(1, 2, 6, 5)),
        InSingle("AveragePool", "3, stride 1, overlapping", c => c.G.AveragePool(c[0], 3, 1, 1), U(1, 2, 4, 3)),
        new("MaxPool", "2, stride 2", c => c.G.MaxPool(c[0], 2, 2), Distinct(2, 2, 4, 4)),
        new("MaxPool", "3, stride 2, pad 1, with a rest", c => c.G.MaxPool(c[0], 3, 2, 1), Distinct(1, 2, 6, 5)),
        new("MaxPool", "3, stride 1, overlapping", c => c.G.MaxPool(c[0], 3, 1, 1), Distinct(2, 1, 4, 3)),
        new("ReduceMean", "global average pool", c => c.G.GlobalAveragePool(c[0]), U(2, 2, 3, 4)),
    ];

    // A step of 0.01 in the grid is less than a twentieth of a pixel at these sizes, and the points keep a quarter from every pixel centre.
    private static IEnumerable<GradientCase> GridSamples() =>
    [
        InSingle("GridSample", "inside and outside", c => c.G.GridSample(c[0], c[1]), U(2, 3, 4, 5), Points(-1, 1, 5, 4, 2, 3, 2, 2)) with { Step = 0.01 },
        InSingle("GridSample", "one pixel", c => c.G.GridSample(c[0], c[1]), U(1, 2, 1, 1), Points(-1, 1, 1, 1, 1, 1, 2, 2)) with { Step = 0.01 },
    ];

    private static IEnumerable<GradientCase> Custom() =>
    [
        InSingle("clouds.GroupNorm", "two groups", c => c.G.GroupNorm(c[0], c[1], c[2], 2), U(2, 4, 2, 3), U(4), U(4)) with { Step = 0.02 },
        InSingle("clouds.GroupNorm", "large epsilon", c => c.G.GroupNorm(c[0], c[1], c[2], 1, 0.3f), U(1, 2, 3, 2), U(2), U(2)) with { Step = 0.02 },
        InSingle("clouds.DepthwiseConv", "7x7", c => Depthwise(c), U(2, 3, 5, 4), U(3, 1, 7, 7), U(3)),
        InSingle("clouds.DepthwiseConv", "3x3", c => Depthwise(c), U(1, 2, 2, 6), U(2, 1, 3, 3), U(2)),
        new("clouds.Linear", "rows", c => Clouds.Graph.Operators.Linear.Emit(c.G, c[0], c[1], c[2]), U(3, 5), U(4, 5), U(4)),
        new("clouds.LayerNorm", "two axes", c => c.G.LayerNorm(c[0], c[1], c[2], 1e-6f), U(3, 5), U(5), U(5)),
        new("clouds.LayerNorm", "four axes", c => c.G.LayerNorm(c[0], c[1], c[2], 1e-2f), U(2, 2, 2, 4), U(4), U(4)),
        InSingle("clouds.PointSample", "inside and outside", c => c.G.PointSample(c[0], c[1]), U(2, 3, 4, 5), Points(0, 1, 5, 4, 2, 6, 2)) with { Step = 0.01 },
        InSingle("clouds.PointSample", "one row", c => c.G.PointSample(c[0], c[1]), U(1, 2, 1, 4), Points(0, 1, 4, 1, 1, 5, 2)) with { Step = 0.01 },
        Deformable("one level", [3, 4], images: 1, queries: 3, heads: 1, points: 2),
        Deformable("three levels", [3, 4, 2, 2, 1, 3], images: 2, queries: 2, heads: 2, points: 2),
    ];

    private static Clouds.Graph.Building.Value Depthwise(CaseInputs c) => Clouds.Graph.Operators.DepthwiseConv.Emit(c.G, c[0], c[1], c[2]);

    private static GradientCase Deformable(string name, long[] levels, long images, long queries, long heads, long points)
    {
        long count = levels.Length / 2;
        long rows = levels.Chunk(2).Sum(level => level[0] * level[1]);
        Operand[] perLevel = [.. levels.Chunk(2).Select(level => Points(0, 1, level[1], level[0], images, queries, heads, points, 2))];
        float[] locations = new float[images * queries * heads * count * points * 2];
        for (int i = 0; i < locations.Length; i++)
        {
            // [N, Q, M, L, P, 2] from L tensors [N, Q, M, P, 2]
            long pair = i / (2 * points) / count * 2 * points;
            long level = i / (2 * points) % count;
            locations[i] = perLevel[level].Values![pair + (i % (2 * points))];
        }

        return new("clouds.MsDeformAttn", name, c => c.G.MsDeformAttn(c[0], c[1], c[2], levels), U(images, rows, heads, 3),
            Given(locations, images, queries, heads, count, points, 2), U(images, queries, heads, count, points));
    }

    // Positions in a map of the given size, a few of them outside, as (x, y) scaled so that the map spans low..high; none near a pixel centre,
    // where the slope jumps.
    private static Operand Points(double low, double high, long width, long height, params long[] sizes)
    {
        RandomStream random = new(5, $"points {width} {height}");
        float[] values = new float[sizes.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
        {
            long size = i % 2 == 0 ? width : height;
            double pixel = random.NextInt32((int)size + 3) - 2 + random.NextDouble(0.25, 0.75);
            values[i] = (float)(low + ((high - low) * (pixel + 0.5) / size));
        }

        return Given(values, sizes);
    }
}
