using Clouds.Graph.Building;
using Clouds.Graph.Onnx;

namespace Clouds.Graph.Operators;

/// <summary>
/// clouds.MatchingCost: class logits [N, Q, K], mask logits [N, Q, h, w], labels [N, T], masks [N, T, H, W], valid [N, T], points [N, P, 2];
/// three weights -> cost [N, Q, T] (method.md section 2.2).
/// </summary>
internal static class MatchingCost
{
    public static readonly CloudsOperator Operator = new(
        "MatchingCost", ["class_logits", "mask_logits", "labels", "masks", "valid", "points"], ["cost"], "class_weight", "mask_weight", "dice_weight")
    {
        StopsGradient = true,
        Lowering = Lower,
    };

    public static Value Emit(
        GraphBuilder g, Value classLogits, Value maskLogits, Value labels, Value masks, Value valid, Value points,
        (float Class, float Mask, float Dice) weights)
    {
        CheckShapes(classLogits, maskLogits, labels, masks, valid, points);
        Shape shape = [maskLogits.Shape[0], maskLogits.Shape[1], labels.Shape[1]];
        return Operator.Emit(g, [classLogits, maskLogits, labels, masks, valid, points], [(ElementType.Float, shape)],
            ("class_weight", weights.Class), ("mask_weight", weights.Mask), ("dice_weight", weights.Dice))[0];
    }

    private static void CheckShapes(Value classLogits, Value maskLogits, Value labels, Value masks, Value valid, Value points)
    {
        bool ranks = classLogits.Shape.Rank == 3 && maskLogits.Shape.Rank == 4 && masks.Shape.Rank == 4 && labels.Shape.Rank == 2 && points.Shape.Rank == 3;
        GraphBuilder.Require(ranks && masks.Type == ElementType.UInt8 && labels.Type == ElementType.Int64,
            $"matching cost of {classLogits}, {maskLogits} and targets {labels}, {masks}");
        (Dim images, Dim queries) = (maskLogits.Shape[0], maskLogits.Shape[1]);
        GraphBuilder.Require(classLogits.Shape[0] == images && classLogits.Shape[1] == queries, $"matching cost of {classLogits} with {maskLogits}");
        GraphBuilder.Require(
            labels.Shape[0] == images && valid.Shape.Equals(labels.Shape) && masks.Shape[0] == images && masks.Shape[1] == labels.Shape[1],
            $"matching cost of targets {labels}, {masks}, {valid}");
        GraphBuilder.Require(points.Shape[0] == images && points.Shape[2] == 2, $"matching cost of {maskLogits} at {points}");
    }

    private static void Lower(FunctionBuilder f)
    {
        string x = PointSample.Samples(f, "mask_logits");                                                              // [N, Q, P]
        string t = PointSample.Samples(f, "masks");                                                                    // [N, T, P]
        string transposed = f.Op("Transpose", [t], ("perm", new[] { 0L, 2L, 1L }));                             // [N, P, T]

        // Σ t·softplus(-x) + (1-t)·softplus(x) = Σ softplus(x) - Σ t·x
        string count = f.ToFloat(f.Extents("points", 1));
        string sum = f.Sub(f.ReduceSum(f.Op("Softplus", [x]), [-1], keep: true), f.Op("MatMul", [x, transposed]));
        string entropy = f.Div(sum, count);                                                                     // [N, Q, T]
        string s = f.Op("Sigmoid", [x]);
        string targetArea = f.Op("Transpose", [f.ReduceSum(t, [-1], keep: true)], ("perm", new[] { 0L, 2L, 1L })); // [N, 1, T]
        string overlap = f.Add(f.Mul(f.Op("MatMul", [s, transposed]), f.Float(2)), f.Float(1));
        string areas = f.Add(f.Add(f.ReduceSum(s, [-1], keep: true), targetArea), f.Float(1));
        string dice = f.Sub(f.Float(1), f.Div(overlap, areas));                                                 // [N, Q, T]
        string masks = f.Add(f.Mul(entropy, Weight(f, "mask_weight")), f.Mul(dice, Weight(f, "dice_weight")));
        string cost = f.Sub(masks, f.Mul(LabelProbability(f), Weight(f, "class_weight")));
        string isTarget = f.Op("Unsqueeze", [f.Op("Greater", ["valid", f.Float(0.5f)]), f.Ints(1)]);            // [N, 1, T]
        f.Return(f.Op("Where", [isTarget, cost, f.Float(0)]), "cost");
    }

    // Softmax at each target's class, 0 where the label is none: [N, Q, T].
    private static string LabelProbability(FunctionBuilder f)
    {
        string classes = f.Op("Range", [f.Int(0), f.Pick(f.Op("Shape", ["class_logits"]), 0, 2), f.Int(1)]);
        string isClass = f.ToFloat(f.Op("Equal", [f.Op("Unsqueeze", ["labels", f.Ints(1)]), f.Op("Unsqueeze", [classes, f.Ints(1)])])); // [N, K, T]
        return f.Op("MatMul", [f.Op("Softmax", ["class_logits"], ("axis", -1L)), isClass]);
    }

    private static string Weight(FunctionBuilder f, string name) => f.FromAttribute(name, "value_float", AttributeProto.Types.AttributeType.Float);
}
