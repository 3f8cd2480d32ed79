using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;

namespace Clouds.Tests.Graph.Autodiff;

/// <summary>Slopes at -5, -2, 0, 2 and 5, poles and kinks included, where finite differences say nothing. The values are PyTorch's conventions.</summary>
[Kind(TestKind.Fast)]
public class PolesAndKinksTests
{
    private const float Infinity = float.PositiveInfinity;
    private static readonly float[] Points = [-5, -2, 0, 2, 5];

    private static readonly Dictionary<string, (Func<GraphBuilder, Value, Value> Build, float[] Slopes)> Cases = new()
    {
        ["Relu"] = ((g, x) => g.Relu(x), [0, 0, 0, 1, 1]),
        ["Abs"] = ((g, x) => g.Abs(x), [-1, -1, 0, 1, 1]),
        ["Sign"] = ((g, x) => g.Add(g.Sign(x), g.Mul(x, 0f)), [0, 0, 0, 0, 0]),
        ["Clip -2..2"] = ((g, x) => g.Clip(x, -2, 2), [0, 1, 1, 1, 0]),
        ["Max with 0"] = ((g, x) => g.Max(x, g.Constant(0f)), [0, 0, 0.5f, 1, 1]),
        ["Min with 2"] = ((g, x) => g.Min(x, g.Constant(2f)), [1, 1, 1, 0.5f, 0]),
        ["Log"] = ((g, x) => g.Log(x), [-0.2f, -0.5f, Infinity, 0.5f, 0.2f]),
        ["Sqrt"] = ((g, x) => g.Sqrt(x), [float.NaN, float.NaN, Infinity, 0.35355339f, 0.2236068f]),
        ["Reciprocal"] = ((g, x) => g.Reciprocal(x), [-0.04f, -0.25f, -Infinity, -0.25f, -0.04f]),
        ["1 / x"] = ((g, x) => g.Div(1f, x), [-0.04f, -0.25f, -Infinity, -0.25f, -0.04f]),
        ["x / 0"] = ((g, x) => g.Div(x, g.Constant(0f)), [Infinity, Infinity, Infinity, Infinity, Infinity]),
        ["x squared"] = ((g, x) => g.Pow(x, 2), [-10, -4, 0, 4, 10]),
        ["x to the power 0"] = ((g, x) => g.Pow(x, 0), [0, 0, 0, 0, 0]),
        ["x to the power 1"] = ((g, x) => g.Pow(x, 1), [1, 1, 1, 1, 1]),
        ["Softplus"] = ((g, x) => g.Softplus(x), [0.0066928509f, 0.11920292f, 0.5f, 0.88079708f, 0.99330715f]),
        ["Sigmoid"] = ((g, x) => g.Sigmoid(x), [0.0066480567f, 0.10499359f, 0.25f, 0.10499359f, 0.0066480567f]),
        ["Tanh"] = ((g, x) => g.Tanh(x), [1.8158324e-4f, 0.070650825f, 1, 0.070650825f, 1.8158324e-4f]),
        ["Gelu"] = ((g, x) => g.Gelu(x), [-7.14694e-6f, -0.085231800f, 0.5f, 1.0852318f, 1.0000071f]),
        ["Silu"] = ((g, x) => g.Silu(x), [-0.026547432f, -0.090784249f, 0.5f, 1.0907842f, 1.0265474f]),
        ["Where x > 0"] = ((g, x) => g.Where(g.Greater(x, g.Constant(0f)), g.Square(x), g.Neg(x)), [-1, -1, -1, 4, 10]),
        ["ReduceMax of x and 2"] =
            ((g, x) => g.ReduceMax(g.Concat(0, g.Unsqueeze(x, 0), g.Constant([2, 2, 2, 2, 2], 1, 5)), 0, keep: false), [0, 0, 0, 0.5f, 1]),
        ["ReduceMin of x and 2"] =
            ((g, x) => g.ReduceMin(g.Concat(0, g.Unsqueeze(x, 0), g.Constant([2, 2, 2, 2, 2], 1, 5)), 0, keep: false), [1, 1, 1, 0.5f, 0]),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Slope_AtPolesAndKinks_FollowsTheConvention(string name)
    {
        (Func<GraphBuilder, Value, Value> build, float[] expected) = Cases[name];
        GraphBuilder g = new(name);
        Value x = g.Input("x", ElementType.Float, [5]);
        g.Output("slope", Gradients.Of(g, g.SumAll(build(g, x)), [x])[0]);

        float[] slopes = GraphRun.Once(g, ("x", TestTensor.Of(Points, 5)))["slope"].Floats;

        for (int i = 0; i < slopes.Length; i++)
        {
            // Sixteen roundings of single precision; the tails of tanh and gelu are differences of numbers near one.
            bool same = slopes[i].Equals(expected[i]) || Math.Abs(slopes[i] - expected[i]) <= 1e-6f * Math.Max(1, Math.Abs(expected[i]));
            Assert.True(same, $"{name} at {Points[i]}: {slopes[i]}, expected {expected[i]}");
        }
    }
}
