using Clouds.Graph.Building;
using Clouds.Graph.Operators;
using Clouds.Graph.Onnx;
using Clouds.Graph.Randomness;

namespace Clouds.Tests.Graph.Operators;

[Kind(TestKind.Fast)]
public class LoweringsTests
{
    private readonly GraphBuilder _g = new("lowering");
    private readonly RandomStream _random = new(21, "lowerings");
    private readonly List<(string Name, TestTensor Value)> _feeds = [];

    [Fact]
    public void Append_AccumulatingScatter_IsRefused()
    {
        FunctionBuilder f = new(new CloudsOperator("Sum", ["x", "i", "u"], ["y"]));

        ArgumentException e = Assert.Throws<ArgumentException>(() => f.Op("ScatterND", ["x", "i", "u"], ("reduction", "add")));

        Assert.Contains("use GraphBuilder.ScatterAdd", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_GraphWithAnAssignment_HasTheNodeAndNoFunction()
    {
        (Value queries, _, _) = _g.Assign(_g.Input("cost", ElementType.Float, [1, 3, 2]), _g.Input("valid", ElementType.Float, [1, 2]));
        _g.Output("queries", queries);

        ModelProto model = OnnxModel.ToProto(_g);

        Assert.Equal("clouds", Assert.Single(model.Graph.Node).Domain);
        Assert.Empty(model.Functions);
    }

    [Theory]
    [InlineData(1e-5f, 3, 7)]
    [InlineData(0.5f, 2, 2, 4)]
    [InlineData(1e-6f, 1, 1)]
    public void LayerNorm_AnyRank_StandardisesTheLastAxis(float epsilon, params int[] sizes)
    {
        long[] shape = Array.ConvertAll(sizes, size => (long)size);
        (TestTensor x, TestTensor scale, TestTensor shift) = (Draw(-2, 2, shape), Draw(-1, 1, shape[^1]), Draw(-1, 1, shape[^1]));

        Value y = _g.LayerNorm(Feed("x", x), Feed("scale", scale), Feed("shift", shift), epsilon);

        Same(LoweringOracle.LayerNorm(x, scale, shift, epsilon), Run(y)[0]);
    }

    [Fact]
    public void LayerNormGrad_TwoLeadingAxes_EqualsTheDifferenceQuotient()
    {
        (TestTensor x, TestTensor scale, TestTensor dy) = (Draw(-2, 2, 2, 3, 4), Draw(-1, 1, 4), Draw(-1, 1, 2, 3, 4));
        IReadOnlyList<Value> gradients = LayerNorm.EmitGradient(_g, Feed("dy", dy), Feed("x", x), Feed("scale", scale), 1e-5f);
        TestTensor shift = TestTensor.Of(new float[4], 4);
        double Loss(TestTensor at, TestTensor by) => LoweringOracle.LayerNorm(at, by, shift, 1e-5).Zip(dy.Doubles, (a, b) => a * b).Sum();

        double[][] found = Run([.. gradients]);

        Same(Quotient(x, changed => Loss(changed, scale)), found[0]);
        Same(Quotient(scale, changed => Loss(x, changed)), found[1]);
        Same([.. Enumerable.Range(0, 4).Select(i => dy.Doubles.Where((_, k) => k % 4 == i).Sum())], found[2]);
    }

    [Theory]
    [InlineData(2, 3, 4, 5, 9)]
    [InlineData(1, 1, 1, 1, 6)]
    [InlineData(2, 2, 1, 6, 5)]
    public void PointSample_InsideAndOutside_Interpolates(int n, int c, int h, int w, int p)
    {
        (TestTensor x, TestTensor points) = (Draw(-1, 1, n, c, h, w), Draw(-0.6, 1.6, n, p, 2));

        Value y = _g.PointSample(Feed("x", x), Feed("points", points));

        Same(LoweringOracle.PointSample(x, points), Run(y)[0]);
    }

    [Fact]
    public void PointSample_OfBytes_GivesTheSameFloats()
    {
        byte[] bytes = [.. Enumerable.Range(0, 24).Select(_ => (byte)_random.NextInt32(256))];
        (TestTensor x, TestTensor points) = (TestTensor.OfBytes(bytes, 2, 1, 3, 4), Draw(-0.2, 1.2, 2, 7, 2));

        Value y = _g.PointSample(Feed("x", x), Feed("points", points));

        Same(LoweringOracle.PointSample(x, points), Run(y)[0]);
    }

    [Theory]
    [InlineData(2, 3, 4, 5, 9)]
    [InlineData(1, 1, 1, 1, 6)]
    public void PointSampleGrad_PointsOnSharedPixels_AddUp(int n, int c, int h, int w, int p)
    {
        (TestTensor dy, TestTensor points) = (Draw(-1, 1, n, c, p), Draw(-0.6, 1.6, n, p, 2));

        Value dx = PointSample.EmitGradient(_g, Feed("dy", dy), Feed("points", points), h, w);

        Same(LoweringOracle.PointSampleGrad(dy, points, h, w), Run(dx)[0]);
    }

    [Fact]
    public void ScatterAdd_SumsThatWouldCancelInSinglePrecision_AreExact()
    {
        TestTensor updates = TestTensor.Of([1e8f, 3, 1, 1, -1e8f, 1], 3, 2);

        Value sums = _g.ScatterAdd(Feed("updates", updates), Feed("indices", TestTensor.OfIntegers([-1, 1, 2], 3)), 3);

        Assert.Equal([0, 0, 1, 1, 0, 4], Run(sums)[0]);
    }

    [Theory]
    [InlineData(1, 2, 1, 3, 1, 3, 4)]
    [InlineData(2, 3, 2, 4, 2, 3, 4, 2, 2, 1, 5)]
    [InlineData(3, 1, 4, 1, 3, 1, 1, 6, 2)]
    public void MsDeformAttn_SeveralLevels_EqualsTheLoopsForwardAndBackward(int n, int q, int m, int d, int p, params int[] sides)
    {
        long[] levels = Array.ConvertAll(sides, side => (long)side);
        long rows = levels.Chunk(2).Sum(level => level[0] * level[1]);
        long l = levels.Length / 2;
        (TestTensor value, TestTensor locations) = (Draw(-1, 1, n, rows, m, d), Draw(-0.5, 1.5, n, q, m, l, p, 2));
        (TestTensor weights, TestTensor dy) = (Draw(-1, 1, n, q, m, l, p), Draw(-1, 1, n, q, m * d));
        (Value v, Value at, Value a) = (Feed("value", value), Feed("locations", locations), Feed("weights", weights));

        double[][] found = Run([_g.MsDeformAttn(v, at, a, levels), .. MsDeformAttn.EmitGradient(_g, Feed("dy", dy), v, at, a, levels)]);

        DeformableOracle expected = new(dy, value, locations, weights, levels);
        Same(expected.Y, found[0]);
        Same(expected.DValue, found[1]);
        Same(expected.DLocations, found[2]);
        Same(expected.DWeights, found[3]);
    }

    [Fact]
    public void MsDeformAttn_LocationsFarOutside_ReadNothing()
    {
        TestTensor locations = TestTensor.Of([1e9f, 0.5f, -1e9f, 0.5f, 0.5f, 1e20f, 0.5f, -1e20f], 1, 1, 1, 1, 4, 2);
        Value y = _g.MsDeformAttn(Feed("value", Draw(1, 2, 1, 4, 1, 2)), Feed("locations", locations), Feed("weights", Draw(1, 2, 1, 1, 1, 1, 4)), [2, 2]);

        Assert.Equal([0, 0], Run(y)[0]);
    }

    [Fact]
    public void UncertainPoints_Ties_TakeTheLowestIndicesInCandidateOrder()
    {
        TestTensor logits = TestTensor.Of([3, -1, 1, 0.5f, -1, 1, 0, 0, 0, -0f, 5, 0], 2, 6);
        TestTensor candidates = TestTensor.Of([.. Enumerable.Range(0, 24).Select(i => (float)i)], 2, 6, 2);

        Value points = _g.UncertainPoints(Feed("logits", logits), Feed("candidates", candidates), 3);

        // |logit| 1, 1, 0.5 at 1, 2, 3 of the first row; the zeros at 0, 1, 2 of the second.
        Assert.Equal([2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 16, 17], Run(points)[0]);
    }

    [Theory]
    [InlineData(3, 40, 11)]
    [InlineData(1, 5, 5)]
    [InlineData(2, 7, 1)]
    public void UncertainPoints_RandomLogits_EqualsSorting(int n, int r, int count)
    {
        (TestTensor logits, TestTensor candidates) = (Draw(-1, 1, n, r), Draw(0, 1, n, r, 2));

        Value points = _g.UncertainPoints(Feed("logits", logits), Feed("candidates", candidates), count);

        Assert.Equal(LoweringOracle.UncertainPoints(logits, candidates, count), Run(points)[0]);
    }

    private TestTensor Draw(double low, double high, params long[] sizes) => TestTensor.Uniform(_random, low, high, sizes);

    private Value Feed(string name, TestTensor tensor)
    {
        _feeds.Add((name, tensor));
        return _g.Input(name, tensor.Type, Shape.Of(tensor.Sizes));
    }

    private double[][] Run(params Value[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            _g.Output($"y{i}", values[i]);
        }

        Dictionary<string, TestTensor> results = GraphRun.Once(_g, [.. _feeds]);
        return [.. values.Select((_, i) => results[$"y{i}"].Doubles)];
    }

    private static double[] Quotient(TestTensor x, Func<TestTensor, double> loss) => [.. x.Doubles.Select((_, i) =>
    {
        double At(double step) => loss(new TestTensor(x.Sizes, x.Doubles.Select((value, k) => k == i ? value + step : value).ToArray()));
        return (At(1e-5) - At(-1e-5)) / 2e-5;
    })];

    // Single precision: positions carry 1e-7 of the map's extent, times slopes of about that extent, over a few dozen terms.
    private static void Same(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double tolerance = 1e-5 * (1 + expected.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"element {i}: {actual[i]:G9}, expected {expected[i]:G9} within {tolerance:G3}");
        }
    }
}
