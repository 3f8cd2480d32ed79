namespace Clouds.Graph.Building;

/// <content>Operators of the domain "clouds". What each computes in standard operators is said in the lowerings beside this file.</content>
public sealed partial class GraphBuilder
{
    /// <summary>Domain of our operators.</summary>
    public const string Domain = "clouds";

    /// <summary>Layer normalisation over the last axis; x [..., D], scale and shift [D].</summary>
    public Value LayerNorm(Value x, Value scale, Value shift, float epsilon)
    {
        RequirePerChannel("layer normalisation", x, -1, scale, shift);
        return EmitMany("LayerNorm", Domain, [x, scale, shift], [(x.Type, x.Shape)], ("epsilon", epsilon))[0];
    }

    /// <summary>Layer normalisation with parameters "{name}.weight" and "{name}.bias".</summary>
    public Value LayerNorm(Value x, string name, float epsilon)
    {
        Value scale = Parameter($"{name}.weight", [x.Shape[-1]], Building.Initialize.Ones, ParameterKind.Norm);
        Value shift = Parameter($"{name}.bias", [x.Shape[-1]], Building.Initialize.Zeros, ParameterKind.Norm);
        return LayerNorm(x, scale, shift, epsilon);
    }

    /// <summary>Group normalisation of x [N, C, H, W] with parameters "{name}.weight" and "{name}.bias".</summary>
    public Value GroupNorm(Value x, string name, long groups)
    {
        Value scale = Parameter($"{name}.weight", [x.Shape[1]], Building.Initialize.Ones, ParameterKind.Norm);
        Value shift = Parameter($"{name}.bias", [x.Shape[1]], Building.Initialize.Zeros, ParameterKind.Norm);
        return GroupNormalization(x, scale, shift, groups);
    }

    /// <summary>
    /// Multi-scale deformable attention (method.md section 1.3): value [N, S, M, D], locations [N, Q, M, L, P, 2] as (x, y) in 0..1 over
    /// each level's full extent, weights [N, Q, M, L, P]; result [N, Q, M·D].
    /// </summary>
    /// <param name="value">Rows of all levels, one behind the other.</param>
    /// <param name="locations">Where to sample.</param>
    /// <param name="weights">How much each sample counts.</param>
    /// <param name="levels">H and W of each level in turn.</param>
    public Value MsDeformAttn(Value value, Value locations, Value weights, long[] levels)
    {
        RequireDeformable(value, locations, weights, levels);
        Shape shape = [value.Shape[0], locations.Shape[1], value.Shape[2] * value.Shape[3]];
        return EmitMany("MsDeformAttn", Domain, [value, locations, weights], [(value.Type, shape)], ("levels", levels))[0];
    }

    /// <summary>
    /// Bilinear samples of x [N, C, H, W] (float or uint8) at points [N, P, 2], (x, y) in 0..1 over the full extent, zeros outside: [N, C, P] floats.
    /// </summary>
    public Value PointSample(Value x, Value points)
    {
        Require(x.Shape.Rank == 4 && points.Shape.Equals([x.Shape[0], points.Shape[1], 2]), $"point samples of {x} at {points}");
        Require(x.Type is ElementType.Float or ElementType.UInt8, $"point samples are taken of floats or bytes, not of {x}");
        return EmitMany("PointSample", Domain, [x, points], [(ElementType.Float, [x.Shape[0], x.Shape[1], points.Shape[1]])])[0];
    }

    /// <summary>
    /// The <paramref name="count"/> candidates [N, R, 2] with the smallest |logit| of logits [N, R], lowest index first on ties: [N, count, 2].
    /// </summary>
    public Value UncertainPoints(Value logits, Value candidates, long count)
    {
        Require(logits.Shape.Rank == 2 && candidates.Shape.Equals([.. logits.Shape, 2]), $"uncertain points of {logits} among {candidates}");
        Require(count > 0 && (!logits.Shape[1].IsStatic || count <= logits.Shape[1].Size), $"no {count} points among {candidates}");
        return EmitMany("UncertainPoints", Domain, [logits, candidates], [(candidates.Type, candidates.Shape.With(1, count))], ("count", count))[0];
    }

    /// <summary>
    /// Cost of matching each query with each target (method.md section 2.2), on points that an image's planes share: [N, Q, T], 0 in padding slots.
    /// No gradient passes it.
    /// </summary>
    /// <param name="classLogits">[N, Q, K], "no object" included.</param>
    /// <param name="maskLogits">[N, Q, h, w].</param>
    /// <param name="labels">int64 [N, T]; a label that is no class has probability 0.</param>
    /// <param name="masks">uint8 [N, T, H, W], 0 or 1.</param>
    /// <param name="valid">[N, T]: above 0.5 = a target, else padding.</param>
    /// <param name="points">[N, P, 2], (x, y) in 0..1.</param>
    /// <param name="classWeight">λ_cls, of minus the softmax at the label.</param>
    /// <param name="maskWeight">λ_mask, of the mean cross-entropy.</param>
    /// <param name="diceWeight">λ_dice.</param>
    public Value MatchingCost(
        Value classLogits, Value maskLogits, Value labels, Value masks, Value valid, Value points, float classWeight, float maskWeight, float diceWeight)
    {
        bool ranks = classLogits.Shape.Rank == 3 && maskLogits.Shape.Rank == 4 && masks.Shape.Rank == 4 && labels.Shape.Rank == 2 && points.Shape.Rank == 3;
        Require(ranks && masks.Type == ElementType.UInt8 && labels.Type == ElementType.Int64,
            $"matching cost of {classLogits}, {maskLogits} and targets {labels}, {masks}");
        (Dim images, Dim queries) = (maskLogits.Shape[0], maskLogits.Shape[1]);
        Require(classLogits.Shape[0] == images && classLogits.Shape[1] == queries, $"matching cost of {classLogits} with {maskLogits}");
        Require(labels.Shape[0] == images && valid.Shape.Equals(labels.Shape) && masks.Shape[0] == images && masks.Shape[1] == labels.Shape[1],
            $"matching cost of targets {labels}, {masks}, {valid}");
        Require(points.Shape[0] == images && points.Shape[2] == 2, $"matching cost of {maskLogits} at {points}");
        return EmitMany(
            "MatchingCost", Domain, [classLogits, maskLogits, labels, masks, valid, points], [(ElementType.Float, [images, queries, labels.Shape[1]])],
            ("class_weight", classWeight), ("mask_weight", maskWeight), ("dice_weight", diceWeight))[0];
    }

    /// <summary>
    /// Minimum-cost assignment of queries to valid targets (method.md section 2.2): cost [N, Q, T], valid [N, T] (1 = a target, 0 = padding).
    /// Pairs in ascending order of the query fill the first slots of the outputs [N, T]; in the others matched is 0.
    /// </summary>
    public (Value Queries, Value Targets, Value Matched) Assign(Value cost, Value valid)
    {
        Require(cost.Shape.Rank == 3 && valid.Shape.Equals([cost.Shape[0], cost.Shape[2]]), $"assignment by {cost} to {valid}");
        Shape shape = [cost.Shape[0], cost.Shape[2]];
        IReadOnlyList<Value> outputs =
            EmitMany("Assign", Domain, [cost, valid], [(ElementType.Int64, shape), (ElementType.Int64, shape), (ElementType.Float, shape)]);
        return (outputs[0], outputs[1], outputs[2]);
    }

    /// <summary>
    /// Sums by row: updates [B..., K..., D...] are added to the rows indices [B..., K...] of zeros [B..., R, D...]. An index below 0 counts from
    /// the end. Rows are added up in the order of the indices, so the bits are the same on any number of threads and on every device.
    /// </summary>
    /// <param name="updates">What is added.</param>
    /// <param name="indices">int64 or int32, in -R..R-1; may repeat. On a GPU, updates of an index outside are left out; elsewhere the run fails.</param>
    /// <param name="rows">R.</param>
    /// <param name="batchAxes">Number of axes B: within each of their positions, indices name rows of their own.</param>
    public Value ScatterAdd(Value updates, Value indices, long rows, int batchAxes = 0)
    {
        RequireIndex("ScatterAdd", indices);
        return CustomOps.ScatterAdd.Emit(this, updates, indices, rows, batchAxes);
    }

    private static void RequireDeformable(Value value, Value locations, Value weights, long[] levels)
    {
        bool ranks = value.Shape.Rank == 4 && locations.Shape.Rank == 6 && weights.Shape.Rank == 5;
        Require(ranks && locations.Shape.Equals([.. weights.Shape, 2]), $"deformable attention at {locations} with weights {weights}");
        Require(locations.Shape[0] == value.Shape[0] && locations.Shape[2] == value.Shape[2], $"deformable attention of {value} at {locations}");
        long rows = levels.Chunk(2).Sum(level => level[0] * level[^1]);
        Require(levels.Length % 2 == 0 && weights.Shape[3] == levels.Length / 2,
            $"{levels.Length} numbers are not height and width of the levels of {weights}");
        Require(!value.Shape[1].IsStatic || value.Shape[1].Size == rows, $"the levels [{string.Join(", ", levels)}] have {rows} pixels, {value} has not");
    }

    internal IReadOnlyList<Value> LayerNormGrad(Value dy, Value x, Value scale, float epsilon) =>
        EmitMany("LayerNormGrad", Domain, [dy, x, scale], [(x.Type, x.Shape), (x.Type, scale.Shape), (x.Type, scale.Shape)], ("epsilon", epsilon));

    internal IReadOnlyList<Value> MsDeformAttnGrad(Value dy, Value value, Value locations, Value weights, long[] levels) =>
        EmitMany("MsDeformAttnGrad", Domain, [dy, value, locations, weights],
            [(value.Type, value.Shape), (value.Type, locations.Shape), (value.Type, weights.Shape)], ("levels", levels));

    internal Value PointSampleGrad(Value dy, Value points, long height, long width) =>
        EmitMany("PointSampleGrad", Domain, [dy, points], [(dy.Type, [dy.Shape[0], dy.Shape[1], height, width])], ("size", new[] { height, width }))[0];
}
