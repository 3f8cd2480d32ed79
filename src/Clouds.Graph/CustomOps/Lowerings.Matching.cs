using Clouds.Graph.Onnx;

namespace Clouds.Graph.CustomOps;

/// <content>Matching cost (method.md section 2.2): N images, Q queries, T target slots, K classes, P points.</content>
internal static partial class Lowerings
{
    private static FunctionProto MatchingCost()
    {
        string[] inputs = ["class_logits", "mask_logits", "labels", "masks", "valid", "points"];
        FunctionBuilder f = new("MatchingCost", inputs, ["cost"], "class_weight", "mask_weight", "dice_weight");
        string x = PointSamples(f, "mask_logits");                                                              // [N, Q, P]
        string t = PointSamples(f, "masks");                                                                    // [N, T, P]
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
        return f.Build();
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
