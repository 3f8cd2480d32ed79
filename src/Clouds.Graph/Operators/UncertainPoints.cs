using Clouds.Graph.Building;
using Clouds.Graph.Onnx;

namespace Clouds.Graph.Operators;

/// <summary>clouds.UncertainPoints: logits [N, R], candidates [N, R, 2]; count = k -> points [N, k, 2] (method.md section 2.3).</summary>
internal static class UncertainPoints
{
    public static readonly CloudsOperator Operator = new("UncertainPoints", ["logits", "candidates"], ["points"], "count")
    {
        StopsGradient = true,
        Lowering = Lower,
    };

    public static Value Emit(GraphBuilder g, Value logits, Value candidates, long count)
    {
        GraphBuilder.Require(logits.Shape.Rank == 2 && candidates.Shape.Equals([.. logits.Shape, 2]), $"uncertain points of {logits} among {candidates}");
        GraphBuilder.Require(count > 0 && (!logits.Shape[1].IsStatic || count <= logits.Shape[1].Size), $"no {count} points among {candidates}");
        return Operator.Emit(g, [logits, candidates], [(candidates.Type, candidates.Shape.With(1, count))], ("count", count))[0];
    }

    private static void Lower(FunctionBuilder f)
    {
        string count = f.FromAttribute("count", "value_int", AttributeProto.Types.AttributeType.Int);
        string certainty = f.Op("Abs", ["logits"]);
        f.Append("TopK", [certainty, f.Reshape(count, f.Ints(1))], ["least", "index"], ("axis", -1L), ("largest", 0L), ("sorted", 1L));

        // The kernel returns the points in the order of the candidates, so the indices are sorted once more.
        string asFloat = f.Op("Cast", ["index"], ("to", 11L));
        f.Append("TopK", [asFloat, f.Reshape(count, f.Ints(1))], ["ordered", "place"], ("axis", -1L), ("largest", 0L), ("sorted", 1L));
        string rows = f.Op("Unsqueeze", [f.ToInt("ordered"), f.Ints(2)]);
        string pairs = f.Op("Concat", [rows, rows], ("axis", 2L));
        f.Return(f.Op("GatherElements", ["candidates", pairs], ("axis", 1L)), "points");
    }
}
