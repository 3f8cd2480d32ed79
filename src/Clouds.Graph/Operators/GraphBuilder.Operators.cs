namespace Clouds.Graph.Building;

/// <content>Operators of the domain "clouds". What each is stands in the file of its name beside this one.</content>
public sealed partial class GraphBuilder
{
    /// <summary>Domain of our operators.</summary>
    public const string Domain = "clouds";

    /// <summary>Layer normalisation over the last axis; x [..., D], scale and shift [D].</summary>
    public Value LayerNorm(Value x, Value scale, Value shift, float epsilon) => Operators.LayerNorm.Emit(this, x, scale, shift, epsilon);

    /// <summary>Layer normalisation with parameters "{name}.weight" and "{name}.bias".</summary>
    public Value LayerNorm(Value x, string name, float epsilon)
    {
        Value scale = Parameter($"{name}.weight", [x.Shape[-1]], Building.Initialize.Ones, ParameterKind.Norm);
        Value shift = Parameter($"{name}.bias", [x.Shape[-1]], Building.Initialize.Zeros, ParameterKind.Norm);
        return LayerNorm(x, scale, shift, epsilon);
    }

    /// <summary>Group normalisation of x [N, C, H, W]; scale and shift [C].</summary>
    public Value GroupNorm(Value x, Value scale, Value shift, long groups, float epsilon = 1e-5f) =>
        Operators.GroupNorm.Emit(this, x, scale, shift, groups, epsilon);

    /// <summary>Group normalisation of x [N, C, H, W] with parameters "{name}.weight" and "{name}.bias".</summary>
    public Value GroupNorm(Value x, string name, long groups, float epsilon = 1e-5f)
    {
        Value scale = Parameter($"{name}.weight", [x.Shape[1]], Building.Initialize.Ones, ParameterKind.Norm);
        Value shift = Parameter($"{name}.bias", [x.Shape[1]], Building.Initialize.Zeros, ParameterKind.Norm);
        return GroupNorm(x, scale, shift, groups, epsilon);
    }

    /// <summary>
    /// Convolution of each channel of x [N, C, H, W] by itself, stride 1, with parameters "{name}.weight" [C, 1, k, k], k odd, and "{name}.bias" [C], padded
    /// to the size of x: for weights that are trained. Where they are constants a runtime has a faster Conv.
    /// </summary>
    public Value DepthwiseConv(Value x, string name, long kernel, Initializer? weight = null, Initializer? bias = null)
    {
        Value w = Parameter($"{name}.weight", [x.Shape[1], 1, kernel, kernel], weight ?? Building.Initialize.FrameworkWeight);
        Value b = Parameter($"{name}.bias", [x.Shape[1]], bias ?? Building.Initialize.FrameworkBias(kernel * kernel));
        return Operators.DepthwiseConv.Emit(this, x, w, b);
    }

    /// <summary>
    /// Multi-scale deformable attention (method.md section 1.3): value [N, S, M, D], locations [N, Q, M, L, P, 2] as (x, y) in 0..1 over
    /// each level's full extent, weights [N, Q, M, L, P]; result [N, Q, M·D].
    /// </summary>
    /// <param name="value">Rows of all levels, one behind the other.</param>
    /// <param name="locations">Where to sample.</param>
    /// <param name="weights">How much each sample counts.</param>
    /// <param name="levels">H and W of each level in turn.</param>
    public Value MsDeformAttn(Value value, Value locations, Value weights, long[] levels) =>
        Operators.MsDeformAttn.Emit(this, value, locations, weights, levels);

    /// <summary>The same for levels whose extents may be open.</summary>
    public Value MsDeformAttn(Value value, Value locations, Value weights, IReadOnlyList<Dim> levels) =>
        Operators.MsDeformAttn.Emit(this, value, locations, weights, levels);

    /// <summary>
    /// Bilinear samples of x [N, C, H, W] (float or uint8) at points [N, P, 2], (x, y) in 0..1 over the full extent, zeros outside: [N, C, P] floats.
    /// </summary>
    public Value PointSample(Value x, Value points) => Operators.PointSample.Emit(this, x, points);

    /// <summary>
    /// The <paramref name="count"/> candidates [N, R, 2] with the smallest |logit| of logits [N, R], lowest index first on ties: [N, count, 2].
    /// </summary>
    public Value UncertainPoints(Value logits, Value candidates, long count) => Operators.UncertainPoints.Emit(this, logits, candidates, count);

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
        Value classLogits, Value maskLogits, Value labels, Value masks, Value valid, Value points, float classWeight, float maskWeight, float diceWeight) =>
        Operators.MatchingCost.Emit(this, classLogits, maskLogits, labels, masks, valid, points, (classWeight, maskWeight, diceWeight));

    /// <summary>
    /// Minimum-cost assignment of queries to valid targets (method.md section 2.2): cost [N, Q, T], valid [N, T] (1 = a target, 0 = padding).
    /// Pairs in ascending order of the query fill the first slots of the outputs [N, T]; in the others matched is 0.
    /// </summary>
    public (Value Queries, Value Targets, Value Matched) Assign(Value cost, Value valid) => Operators.Assign.Emit(this, cost, valid);

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
        return Operators.ScatterAdd.Emit(this, updates, indices, rows, batchAxes);
    }
}
