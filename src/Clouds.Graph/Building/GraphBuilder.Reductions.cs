namespace Clouds.Graph.Building;

/// <content>Sums, extremes, softmax, normalisation.</content>
public sealed partial class GraphBuilder
{
    /// <summary>Sum over one axis, kept with extent 1 unless said otherwise.</summary>
    public Value ReduceSum(Value x, int axis, bool keep = true) => Reduce("ReduceSum", x, axis, keep);

    /// <summary>Mean over one axis.</summary>
    public Value ReduceMean(Value x, int axis, bool keep = true) => Reduce("ReduceMean", x, axis, keep);

    /// <summary>Largest element of one axis.</summary>
    public Value ReduceMax(Value x, int axis, bool keep = true) => Reduce("ReduceMax", x, axis, keep);

    /// <summary>Smallest element of one axis.</summary>
    public Value ReduceMin(Value x, int axis, bool keep = true) => Reduce("ReduceMin", x, axis, keep);

    /// <summary>
    /// Sum of all elements, a scalar. Axis by axis from the last, because the runtime adds a whole tensor one by one in single precision,
    /// which is 1e-4 off on eight million elements (platform.md section 3).
    /// </summary>
    public Value SumAll(Value x)
    {
        Value sum = x;
        while (sum.Shape.Rank > 0)
        {
            sum = ReduceSum(sum, -1, keep: false);
        }

        return sum;
    }

    /// <summary>x summed over the axes along which <paramref name="shape"/> was broadcast to x's shape: the adjoint of broadcasting.</summary>
    public Value SumTo(Value x, Shape shape)
    {
        Value sum = x;
        while (sum.Shape.Rank > shape.Rank)
        {
            sum = ReduceSum(sum, 0, keep: false);
        }

        for (int axis = shape.Rank - 1; axis >= 0; axis--)
        {
            if (shape[axis] == 1 && sum.Shape[axis] != 1)
            {
                sum = ReduceSum(sum, axis);
            }
        }

        return sum;
    }

    /// <summary>Softmax over one axis.</summary>
    public Value Softmax(Value x, int axis = -1) => Emit("Softmax", [x], x.Type, x.Shape, ("axis", (long)x.Shape.Axis(axis)));

    /// <summary>Logarithm of softmax over one axis.</summary>
    public Value LogSoftmax(Value x, int axis = -1) => Emit("LogSoftmax", [x], x.Type, x.Shape, ("axis", (long)x.Shape.Axis(axis)));

    /// <summary>Standard layer normalisation over the last axis; scale and shift [D].</summary>
    public Value LayerNormalization(Value x, Value scale, Value shift, float epsilon)
    {
        RequirePerChannel("layer normalisation", x, -1, scale, shift);
        return Emit("LayerNormalization", [x, scale, shift], x.Type, x.Shape, ("axis", -1L), ("epsilon", epsilon));
    }

    /// <summary>Standard group normalisation of x [N, C, H, W]; scale and shift [C].</summary>
    public Value GroupNormalization(Value x, Value scale, Value shift, long groups, float epsilon = 1e-5f)
    {
        Operators.GroupNorm.Check(x, scale, shift, groups);
        return Emit("GroupNormalization", [x, scale, shift], x.Type, x.Shape, ("num_groups", groups), ("epsilon", epsilon));
    }

    /// <summary>
    /// Batch normalisation of x [N, C, H, W] by given statistics, as torch.nn.BatchNorm2d does it in eval mode; scale, shift, mean and variance [C].
    /// No gradient reaches the statistics.
    /// </summary>
    public Value BatchNormalization(Value x, Value scale, Value shift, Value mean, Value variance, float epsilon = 1e-5f)
    {
        RequirePerChannel("batch normalisation", x, 1, scale, shift);
        RequirePerChannel("batch normalisation", x, 1, mean, variance);
        return Emit("BatchNormalization", [x, scale, shift, mean, variance], x.Type, x.Shape, ("epsilon", epsilon));
    }

    /// <summary>
    /// Batch normalisation with parameters "{name}.weight" and "{name}.bias", statistics "{name}.running_mean" and "{name}.running_var", and the
    /// counter "{name}.num_batches_tracked" that published files carry.
    /// </summary>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="name">Name below the current scopes.</param>
    /// <param name="scale">Start value of the scale; null: ones.</param>
    public Value BatchNorm(Value x, string name, Initializer? scale = null)
    {
        Dim channels = x.Shape[1];
        Value weight = Parameter($"{name}.weight", [channels], scale ?? Building.Initialize.Ones, ParameterKind.Norm);
        Value bias = Parameter($"{name}.bias", [channels], Building.Initialize.Zeros, ParameterKind.Norm);
        Value mean = Parameter($"{name}.running_mean", [channels], Building.Initialize.Zeros, ParameterKind.Statistic);
        Value variance = Parameter($"{name}.running_var", [channels], Building.Initialize.Ones, ParameterKind.Statistic);
        Parameter($"{name}.num_batches_tracked", [], Building.Initialize.Zeros, ParameterKind.Counter, ElementType.Int64);
        return BatchNormalization(x, weight, bias, mean, variance);
    }

    /// <summary>The k largest elements along the last axis (or the smallest) and where they were, largest first.</summary>
    public (Value Values, Value Indices) TopK(Value x, long k, bool largest = true)
    {
        Require(k > 0 && (!x.Shape[-1].IsStatic || k <= x.Shape[-1].Size), $"no {k} extremes in the last axis of {x}");
        Shape shape = x.Shape.With(-1, k);
        IReadOnlyList<Value> outputs = EmitMany(
            "TopK", "", [x, Integers(k)], [(x.Type, shape), (ElementType.Int64, shape)], ("axis", -1L), ("largest", largest ? 1L : 0L), ("sorted", 1L));
        return (outputs[0], outputs[1]);
    }

    /// <summary>Index of the largest element of one axis, the first one on ties; the axis goes away.</summary>
    public Value ArgMax(Value x, int axis) =>
        Emit("ArgMax", [x], ElementType.Int64, x.Shape.Without(axis), ("axis", (long)x.Shape.Axis(axis)), ("keepdims", 0L));

    internal static void RequirePerChannel(string what, Value x, int axis, Value scale, Value shift)
    {
        Shape expected = [x.Shape[axis]];
        Require(scale.Shape.Equals(expected) && shift.Shape.Equals(expected),
            $"{what} of {x} wants scale and shift of shape {expected}, not {scale} and {shift}");
    }

    private Value Reduce(string op, Value x, int axis, bool keep)
    {
        int at = x.Shape.Axis(axis);
        Shape shape = keep ? x.Shape.With(at, 1) : x.Shape.Without(at);
        return Emit(op, [x, Integers(at)], x.Type, shape, ("keepdims", keep ? 1L : 0L));
    }
}
