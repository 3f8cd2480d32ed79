using Clouds.Graph.Building;

namespace Clouds.Graph.Operators;

/// <summary>
/// clouds.ConvWeightGrad: dy [N, O, H, W], x [N, I, H, W] -> dweight [O, I, 3, 3], the gradient of the weight of a 3 x 3 convolution of stride 1, padded
/// by 1. The convolution and the gradient of x are the standard's.
/// </summary>
internal static class ConvWeight
{
    private const int Side = 3;

    public static readonly CloudsOperator GradientOperator = new("ConvWeightGrad", ["dy", "x"], ["dweight"])
    {
        Lowering = LowerGradient,
        Nodes = (g, node, inputs) => [OfColumns(g, inputs[0], inputs[1], node.Outputs[0].Shape, product => product)],
    };

    /// <summary>Whether the operator computes the gradient of a weight, of a convolution of stride and dilation 1 in one group, padded by 1.</summary>
    public static bool Fits(Value dy, Value x, Shape weight) => x.Type == ElementType.Float && x.Shape.IsStatic
        && weight.Equals([dy.Shape[1], x.Shape[1], Side, Side]) && dy.Shape.Equals(x.Shape.With(1, dy.Shape[1]));

    public static Value EmitGradient(GraphBuilder g, Value dy, Value x) =>
        GradientOperator.Emit(g, [dy, x], [(x.Type, [dy.Shape[1], x.Shape[1], Side, Side])])[0];

    /// <summary>
    /// Every kernel position is a view of x; all views one behind the other times dy, one matrix product an image. Products are added up as
    /// <paramref name="summand"/> gives them.
    /// </summary>
    public static Value OfColumns(GraphBuilder g, Value dy, Value x, Shape weight, Func<Value, Value> summand)
    {
        (Dim n, Dim outputs, Dim inputs, Dim pixels) = (x.Shape[0], weight[0], weight[1], x.Shape[2] * x.Shape[3]);
        Value padded = g.Pad(x, [0, 0, 1, 1], [0, 0, 1, 1]);
        IEnumerable<Value> views = Enumerable.Range(0, Side * Side).Select(
            tap => g.Reshape(View(g, padded, x.Shape, tap / Side, tap % Side), [n, inputs, pixels]));
        Value columns = g.Concat(1, [.. views]);                                                                // [N, 9·I, P]
        Value product = summand(g.MatMul(g.Reshape(dy, [n, outputs, pixels]), g.Transpose(columns, 0, 2, 1)));  // [N, O, 9·I]
        return g.Transpose(g.Reshape(g.ReduceSum(product, 0, keep: false), [outputs, Side, Side, inputs]), 0, 3, 1, 2);
    }

    private static Value View(GraphBuilder g, Value padded, Shape x, long row, long column) => g.Emit("Slice",
        [padded, g.Integers(row, column), g.Integers(row + x[2].Size, column + x[3].Size), g.Integers(2, 3)], padded.Type, x);

    // The same for any extents.
    private static void LowerGradient(FunctionBuilder f)
    {
        string padded = f.Op("Pad", ["x", f.Ints(0, 0, 1, 1, 0, 0, 1, 1)]);
        string flat = f.Concat(f.Extents("x", 0, 1), f.Ints(-1));
        static long End(int from) => from == Side - 1 ? long.MaxValue : from - (Side - 1);
        IEnumerable<string> views = Enumerable.Range(0, Side * Side).Select(tap => (Y: tap / Side, X: tap % Side)).Select(tap => f.Reshape(
            f.Op("Slice", [padded, f.Ints(tap.Y, tap.X), f.Ints(End(tap.Y), End(tap.X)), f.Ints(2, 3)]), flat));
        string columns = f.Op("Concat", [.. views], ("axis", 1L));                                              // [N, 9·I, P]
        string upstream = f.Reshape("dy", f.Concat(f.Extents("dy", 0, 1), f.Ints(-1)));                         // [N, O, P]
        string product = f.Op("MatMul", [upstream, f.Op("Transpose", [columns], ("perm", new long[] { 0, 2, 1 }))]);
        string apart = f.Concat(f.Extents("dy", 1), f.Ints(Side, Side), f.Extents("x", 1));                     // [O, 3, 3, I]
        string summed = f.Reshape(f.ReduceSum(product, [0], keep: false), apart);
        f.Append("Transpose", [summed], ["dweight"], ("perm", new long[] { 0, 3, 1, 2 }));
    }
}
