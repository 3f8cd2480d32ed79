using Clouds.Graph.Building;
using Clouds.Graph.Onnx;

namespace Clouds.Tests.Graph.Building;

[Kind(TestKind.Fast)]
public class GraphBuilderTests
{
    private readonly GraphBuilder _g = new("builder");

    [Fact]
    public void Parameter_DeclaredTwiceInScopes_IsOne()
    {
        Value first;
        using (_g.Scope("a"))
        using (_g.Scope("b"))
        {
            first = _g.Parameter("w", [2], Initialize.Zeros);
        }

        Assert.Equal("a.b.w", first.Name);
        Assert.Same(first, _g.Parameter("a.b.w", [2], Initialize.Zeros));
        Assert.Throws<ArgumentException>(() => _g.Parameter("a.b.w", [3], Initialize.Zeros));
    }

    [Fact]
    public void Constant_OfEqualContent_IsOne()
    {
        Assert.Same(_g.Constant(1f), _g.Constant(1f));
        Assert.NotSame(_g.Constant(1f), _g.Constant([1f], 1));
        Assert.NotSame(_g.Integers(1), _g.Constant([1f, 0f], 1, 2));
    }

    [Fact]
    public void Literal_WhoseBytesDoNotFitItsShape_IsRefused() => Assert.Throws<ArgumentException>(() => Literal.Of([1f, 2f], 3));

    [Fact]
    public void Output_OfAnInputAndOfOneValueTwice_KeepsAllNames()
    {
        Value x = _g.Input("x", ElementType.Float, [2]);
        Value y = _g.Neg(x);
        _g.Output("same", x);
        _g.Output("once", y);
        _g.Output("twice", y);
        _g.Output("number", _g.Constant(3f));

        Dictionary<string, TestTensor> results = GraphRun.Once(_g, ("x", TestTensor.Of([1, 2], 2)));

        Assert.Equal([1, 2], results["same"].Floats);
        Assert.Equal([-1, -2], results["once"].Floats);
        Assert.Equal([-1, -2], results["twice"].Floats);
        Assert.Equal([3], results["number"].Floats);
    }

    [Fact]
    public void Write_NodesThatNoOutputNeeds_StayBehind()
    {
        Value x = _g.Input("x", ElementType.Float, [2]);
        _g.Exp(_g.Input("unused", ElementType.Float, [2]));
        _g.Output("y", _g.Neg(x));

        ModelProto model = OnnxModel.ToProto(_g);

        Assert.Equal("Neg", Assert.Single(model.Graph.Node).OpType);
        Assert.Equal("x", Assert.Single(model.Graph.Input).Name);
    }

    [Fact]
    public void Initialize_OfOneSeed_IsAFunctionOfTheNameAlone()
    {
        _g.Parameter("other", [3], Initialize.Normal(1));
        _g.Parameter("w", [20, 30], Initialize.XavierUniform);
        GraphBuilder alone = new("alone");
        alone.Parameter("w", [20, 30], Initialize.XavierUniform);

        float[] values = alone.Parameters.Single().Initialize(4);

        Assert.Equal(_g.Parameters.Last().Initialize(4), values);
        Assert.NotEqual(alone.Parameters.Single().Initialize(5), values);
        double bound = Math.Sqrt(6.0 / 50);
        Assert.All(values, value => Assert.InRange(value, -bound, bound));
        Assert.True(values.Max() > 0.98 * bound);
    }

    [Theory]
    [InlineData(0.02)]
    [InlineData(3)]
    public void TruncatedNormal_CutsAtTwoWhateverTheDeviation(double deviation)
    {
        Value w = _g.Parameter("w", [10_000], Initialize.TruncatedNormal(deviation));
        float[] values = _g.Parameters.Single().Initialize(1);

        Assert.All(values, value => Assert.InRange(value, -2, 2));
        double spread = Math.Sqrt(values.Average(value => value * (double)value));

        // Three deviations of the estimate for the uncut case; nearly uniform in ±2, that is 2/√3 less a little, for the wide one.
        Assert.InRange(spread, deviation < 1 ? 0.0196 : 1.05, deviation < 1 ? 0.0204 : 1.16);
        Assert.Equal("[10000]", w.Shape.ToString());
    }
}
