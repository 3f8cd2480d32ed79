using Clouds.Graph.Onnx;

namespace Clouds.Graph.CustomOps;

/// <summary>
/// What our operators compute, in standard operators: the model-local functions that travel in every model file which uses them. A runtime
/// without our kernels runs these; the tests compare the two. The assignment has none: standard operators cannot express it.
/// </summary>
internal static partial class Lowerings
{
    private static readonly Dictionary<string, Func<FunctionProto>> Table = new()
    {
        ["LayerNorm"] = LayerNorm,
        ["LayerNormGrad"] = LayerNormGrad,
        ["MatchingCost"] = MatchingCost,
        ["MsDeformAttn"] = MsDeformAttn,
        ["MsDeformAttnGrad"] = MsDeformAttnGrad,
        ["PointSample"] = PointSample,
        ["PointSampleGrad"] = PointSampleGrad,
        ["ScatterAdd"] = ScatterAdd.Lowering,
        ["UncertainPoints"] = UncertainPoints,
    };

    /// <summary>Our operators that have a lowering.</summary>
    public static IReadOnlyCollection<string> Operators => Table.Keys;

    /// <summary>The function of an operator; null where there is none.</summary>
    public static FunctionProto? Of(string op) => Table.TryGetValue(op, out Func<FunctionProto>? build) ? build() : null;

    private static FunctionProto LayerNorm()
    {
        FunctionBuilder f = new("LayerNorm", ["x", "scale", "shift"], ["y"], "epsilon");
        string normal = Standardise(f).Normal;
        f.Return(f.Add(f.Mul(normal, "scale"), "shift"), "y");
        return f.Build();
    }

    private static FunctionProto LayerNormGrad()
    {
        FunctionBuilder f = new("LayerNormGrad", ["dy", "x", "scale"], ["dx", "dscale", "dshift"], "epsilon");
        (string normal, string inverseDeviation) = Standardise(f);
        string d = f.Mul("dy", "scale");
        string inner = f.Sub(f.Sub(d, f.ReduceMeanLast(d)), f.Mul(normal, f.ReduceMeanLast(f.Mul(d, normal))));
        f.Return(f.Mul(inner, inverseDeviation), "dx");
        f.Return(SumRows(f, f.Mul("dy", normal)), "dscale");
        f.Return(SumRows(f, "dy"), "dshift");
        return f.Build();
    }

    private static (string Normal, string InverseDeviation) Standardise(FunctionBuilder f)
    {
        string centred = f.Sub("x", f.ReduceMeanLast("x"));
        string variance = f.ReduceMeanLast(f.Mul(centred, centred));
        string epsilon = f.FromAttribute("epsilon", "value_float", AttributeProto.Types.AttributeType.Float);
        string inverseDeviation = f.Op("Reciprocal", [f.Op("Sqrt", [f.Add(variance, epsilon)])]);
        return (f.Mul(centred, inverseDeviation), inverseDeviation);
    }

    private static string SumRows(FunctionBuilder f, string x) =>
        f.ReduceSum(f.Reshape(x, f.Concat(f.Ints(-1), f.Extents(x, -1))), [0], keep: false);

    private static FunctionProto UncertainPoints()
    {
        FunctionBuilder f = new("UncertainPoints", ["logits", "candidates"], ["points"], "count");
        string count = f.FromAttribute("count", "value_int", AttributeProto.Types.AttributeType.Int);
        string certainty = f.Op("Abs", ["logits"]);
        f.Append("TopK", [certainty, f.Reshape(count, f.Ints(1))], ["least", "index"], ("axis", -1L), ("largest", 0L), ("sorted", 1L));

        // The kernel returns the points in the order of the candidates, so the indices are sorted once more.
        string asFloat = f.Op("Cast", ["index"], ("to", 11L));
        f.Append("TopK", [asFloat, f.Reshape(count, f.Ints(1))], ["ordered", "place"], ("axis", -1L), ("largest", 0L), ("sorted", 1L));
        string rows = f.Op("Unsqueeze", [f.ToInt("ordered"), f.Ints(2)]);
        string pairs = f.Op("Concat", [rows, rows], ("axis", 2L));
        f.Return(f.Op("GatherElements", ["candidates", pairs], ("axis", 1L)), "points");
        return f.Build();
    }
}
