using Clouds.Graph.Building;
using Clouds.Graph.Randomness;
using Clouds.Tests.Graph.Autodiff;
using static Clouds.Tests.Graph.Autodiff.GradientCase;

namespace Clouds.Tests.Runtime.Sessions;

/// <summary>Graphs around every operator that adds up, forward or backward, so large that a runtime shares the work out to several threads.</summary>
internal static class ThreadedGradientCases
{
    /// <summary>Rules under which every element of the result and of the gradient comes from one element, so that nothing is added up.</summary>
    public static readonly string[] OneToOne =
    [
        "Identity", "Neg", "Abs", "Exp", "Log", "Sqrt", "Reciprocal", "Erf", "Sin", "Cos", "Tanh", "Sigmoid", "Relu", "Gelu", "Cast", "Clip",
        "Reshape", "Unsqueeze", "Squeeze", "Transpose", "Concat", "Split", "Pad",
    ];

    public static IReadOnlyList<GradientCase> All { get; } = [.. Broadcasts(), .. Products(), .. Reductions(), .. Windows(), .. Picks(), .. Ours()];

    private static IEnumerable<GradientCase> Broadcasts()
    {
        (string Op, Func<GraphBuilder, Value, Value, Value> Build)[] ops =
        [
            ("Add", (g, a, b) => g.Add(a, b)), ("Sub", (g, a, b) => g.Sub(a, b)), ("Mul", (g, a, b) => g.Mul(a, b)), ("Div", (g, a, b) => g.Div(a, b)),
            ("Max", (g, a, b) => g.Max(a, b)), ("Min", (g, a, b) => g.Min(a, b)), ("Pow", (g, a, b) => g.Emit("Pow", [a, b], a.Type, a.Shape)),
            ("Where", (g, a, b) => g.Where(g.Greater(a, b), a, b)),
        ];
        foreach ((string op, Func<GraphBuilder, Value, Value, Value> build) in ops)
        {
            yield return new(op, "a row to many", c => build(c.G, c[0], c[1]), Range(1, 2, 256, 300), Range(1, 2, 300));
        }

        yield return new("Add", "a column to many", c => c.G.Add(c[0], c[1]), U(256, 300), U(256, 1));
        yield return new("Sum", "three terms", c => c.G.Emit("Sum", [c[0], c[1], c[2]], ElementType.Float, [256, 300]), U(256, 300), U(300), U(256, 1));
        yield return new("Expand", "two axes", c => c.G.Expand(c[0], [16, 16, 300]), U(16, 1, 1));
    }

    private static IEnumerable<GradientCase> Products() =>
    [
        new("MatMul", "batch against matrix", c => c.G.MatMul(c[0], c[1]), U(8, 40, 150), U(150, 60)),
        new("MatMul", "few columns, long sums", c => c.G.MatMul(c[0], c[1]), U(12, 3000), U(3000, 20)),
        new("Gemm", "linear layer", c => c.G.Linear(c[0], c[1], c[2]), U(2, 200, 96), U(64, 96), U(64)),
        new("Conv", "3x3", c => c.G.Conv(c[0], c[1], c[2], pad: 1), U(2, 12, 20, 24), U(12, 12, 3, 3), U(12)),
        new("Conv", "2x2, stride 2", c => c.G.Conv(c[0], c[1], c[2], stride: 2), U(2, 12, 32, 32), U(16, 12, 2, 2), U(16)),
        new("Conv", "depthwise 7x7", c => c.G.Conv(c[0], c[1], c[2], pad: 3, group: 16), U(2, 16, 16, 16), U(16, 1, 7, 7), U(16)),
        new("ConvTranspose", "2x2, stride 2", c => c.G.ConvTranspose(c[0], c[1], c[2], stride: 2), U(2, 16, 16, 16), U(16, 12, 2, 2), U(12)),
    ];

    private static IEnumerable<GradientCase> Reductions()
    {
        foreach (int axis in new[] { 0, 1, 2 })
        {
            yield return new("ReduceSum", $"axis {axis}", c => c.G.ReduceSum(c[0], axis), U(24, 60, 64));
            yield return new("ReduceMean", $"axis {axis}", c => c.G.ReduceMean(c[0], axis), U(24, 60, 64));
            yield return new("ReduceMax", $"axis {axis}", c => c.G.ReduceMax(c[0], axis), U(24, 60, 64));
            yield return new("ReduceMin", $"axis {axis}", c => c.G.ReduceMin(c[0], axis), U(24, 60, 64));
        }

        yield return new("ReduceSum", "all elements", c => c.G.SumAll(c[0]), U(24, 60, 64));
        yield return new("Softmax", "last axis", c => c.G.Softmax(c[0]), Range(-2, 2, 200, 300));
        yield return new("Softmax", "first axis", c => c.G.Softmax(c[0], 0), Range(-2, 2, 200, 300));
        yield return new("LogSoftmax", "last axis", c => c.G.LogSoftmax(c[0]), Range(-2, 2, 200, 300));
        yield return new("LayerNormalization", "rows", c => c.G.LayerNormalization(c[0], c[1], c[2], 1e-5f), U(300, 200), U(200), U(200));
        yield return new("BatchNormalization", "statistics given",
            c => c.G.BatchNormalization(c[0], c[1], c[2], Statistic(c, 16), Statistic(c, 16)), U(2, 16, 40, 40), U(16), U(16));
        yield return new("GroupNormalization", "four groups", c => c.G.GroupNormalization(c[0], c[1], c[2], 4), U(2, 16, 40, 40), U(16), U(16));
    }

    private static IEnumerable<GradientCase> Windows() =>
    [
        new("AveragePool", "3, overlapping", c => c.G.AveragePool(c[0], 3, 1, 1), U(2, 16, 40, 40)),
        new("MaxPool", "3, overlapping", c => c.G.MaxPool(c[0], 3, 1, 1), U(2, 12, 32, 32)),
        new("Resize", "bilinear", c => c.G.ResizeBilinear(c[0], 40, 48), U(2, 12, 20, 24)),
        new("Resize", "nearest, no whole factor", c => c.G.ResizeNearest(c[0], 50, 30), U(2, 12, 20, 24)),
        new("GridSample", "crowded", c => c.G.GridSample(c[0], c[1]), U(2, 12, 12, 12), U(2, 30, 30, 2)),
    ];

    // Half of 76 indices equal: the sizes at which the runtime's own scatter loses updates in one run of six on two threads.
    private static IEnumerable<GradientCase> Picks() =>
    [
        new("Gather", "rows, half of them one", c => c.G.Gather(c[0], Often(c, 96, 76)), U(96, 3072)),
        new("Gather", "words, most of them one", c => c.G.Gather(c[0], Often(c, 500, 32, 77)), U(500, 96)),
        new("Gather", "columns, half of them one", c => c.G.Gather(c[0], Often(c, 60, 80), 1), U(40, 60, 70)),
        new("GatherElements", "lines, half of their elements one", c => c.G.GatherElements(c[0], Often(c, 90, 20, 120, 8), 1), U(20, 90, 8)),
        new("GatherND", "rows on two axes", c => c.G.GatherND(c[0], Often(c, 8, 350, 2)), U(12, 8, 700)),
        new("Slice", "every second", c => c.G.Slice(c[0], 0, 0, 300, 2), U(300, 400)),
        new("TopK", "rows", c => c.G.TopK(c[0], 100).Values, U(60, 400)),
    ];

    private static IEnumerable<GradientCase> Ours() =>
    [
        new("clouds.ScatterAdd", "narrow rows, half of them one", c => c.G.ScatterAdd(c[0], Often(c, 90, 8000), 90), U(8000, 30)),
        new("clouds.ScatterAdd", "blocks of wide rows", c => c.G.ScatterAdd(c[0], Often(c, 40, 6, 50), 40, 1), U(6, 50, 300)),
        new("clouds.GroupNorm", "four groups", c => c.G.GroupNorm(c[0], c[1], c[2], 4), U(2, 16, 40, 40), U(16), U(16)),
        new("Gelu", "our slope", c => c.G.Gelu(c[0]), Range(-3, 3, 200, 501)),
        new("Mul", "SiLU, our slope", c => c.G.Silu(c[0]), Range(-3, 3, 200, 501)),
        new("Conv", "3x3, planes of several parts", c => c.G.Conv(c[0], c[1], c[2], pad: 1), U(3, 7, 33, 24), U(11, 7, 3, 3), U(11)),
        new("clouds.DepthwiseConv", "7x7", c => Clouds.Graph.Operators.DepthwiseConv.Emit(c.G, c[0], c[1], c[2]), U(2, 16, 16, 17), U(16, 1, 7, 7), U(16)),
        new("clouds.Linear", "blocks with rests", c => Clouds.Graph.Operators.Linear.Emit(c.G, c[0], c[1], c[2]), U(701, 517), U(259, 517), U(259)),
        new("clouds.LayerNorm", "rows", c => c.G.LayerNorm(c[0], c[1], c[2], 1e-5f), U(300, 200), U(200), U(200)),
        new("clouds.PointSample", "crowded planes", c => c.G.PointSample(c[0], c[1]), U(3, 16, 20, 24), Range(-0.1, 1.1, 3, 400, 2)),
        new(
            "clouds.MsDeformAttn", "two levels", c => c.G.MsDeformAttn(c[0], c[1], c[2], [12, 12, 6, 6]),
            U(2, 180, 4, 16), Range(-0.1, 1.1, 2, 60, 4, 2, 4, 2), U(2, 60, 4, 2, 4)),
        new("clouds.MatchingCost", "two images", Matching, U(2, 20, 6), U(2, 20, 24, 32), Range(0, 1, 2, 600, 2)),
    ];

    private static Value Matching(CaseInputs c)
    {
        Value labels = c.G.Constant(Literal.Of([0L, 1, 2, 3, 4, 0], 2, 3));
        Value masks = c.G.Constant(new Literal(ElementType.UInt8, [2, 3, 48, 64], [.. Enumerable.Range(0, 6 * 48 * 64).Select(i => (byte)(i / 7 % 2))]));
        return c.G.MatchingCost(c[0], c[1], labels, masks, c.G.Constant([1, 1, 1, 1, 1, 0], 2, 3), c[2], 2, 5, 5);
    }

    // Indices below the count, every second one 0.
    private static Value Often(CaseInputs c, int count, params long[] sizes)
    {
        RandomStream random = new(13, "often");
        long elements = sizes.Aggregate(1L, (a, b) => a * b);
        return c.G.Constant(Literal.Of([.. Enumerable.Range(0, (int)elements).Select(i => i % 2 == 0 ? 0L : random.NextInt32(count))], sizes));
    }

    private static Value Statistic(CaseInputs c, int channels) => c.G.Constant([.. Enumerable.Range(1, channels).Select(i => 0.1f * i)], channels);
}
