using Clouds.Graph.Building;

namespace Clouds.Graph.Operators;

/// <summary>
/// clouds.ConvWeightGrad: dy [N, O, H, W], x [N, I, H, W] -> dweight [O, I, 3, 3], the gradient of the weight of a 3 x 3 convolution of stride 1, padded
/// by 1. The convolution and the gradient of x are the standard's.
/// </summary>
internal static class ConvWeight
{
    private const int Side = 3;

    public static readonly CloudsOperator GradientOperator = new("ConvWeightGrad", ["dy", "x"], ["dweight"]) { Lowering = LowerGradient };

    /// <summary>Whether the operator computes the gradient of a weight, of a convolution of stride and dilation 1 in one group, padded by 1.</summary>
    public static bool Fits(Value dy, Value x, Shape weight) => x.Type == ElementType.Float && x.Shape.IsStatic
        && weight.Equals([dy.Shape[1], x.Shape[1], Side, Side]) && dy.Shape.Equals(x.Shape.With(1, dy.Shape[1]));

    public static Value EmitGradient(GraphBuilder g, Value dy, Value x) =>
        GradientOperator.Emit(g, [dy, x], [(x.Type, [dy.Shape[1], x.Shape[1], Side, Side])])[0];

    // Every kernel position is a view of x; all views one behind the other times dy, one matrix product an image.
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
