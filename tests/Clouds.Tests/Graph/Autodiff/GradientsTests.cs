using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;

namespace Clouds.Tests.Graph.Autodiff;

[Kind(TestKind.Fast)]
public class GradientsTests
{
    private readonly GraphBuilder _g = new("gradients");

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    public void Of_BranchWithoutWantedParameter_IsNotVisited(int length)
    {
        Value wanted = _g.Parameter("wanted", [3], Initialize.Ones);
        Value frozen = _g.Parameter("frozen", [3], Initialize.Ones);
        for (int i = 0; i < length; i++)
        {
            frozen = _g.Tanh(frozen);
        }

        Value loss = _g.SumAll(_g.Mul(_g.Exp(wanted), frozen));
        int before = _g.Nodes.Count;

        Gradients.Of(_g, loss, [_g.Parameters.First().Value]);

        // ReduceSum: Reshape, Expand; Mul: Mul; Exp: Mul. Nothing for the chain of hyperbolic tangents.
        Assert.Equal(["Reshape", "Expand", "Mul", "Mul"], _g.Nodes.Skip(before).Select(node => node.Op));
    }

    [Fact]
    public void Of_NodesThatTheLossDoesNotNeed_AreNotVisited()
    {
        Value x = _g.Input("x", ElementType.Float, [3]);
        _g.Output("side", _g.Emit("NoSuchRule", [x], ElementType.Float, [3]));

        Gradients.Of(_g, _g.SumAll(_g.Square(x)), [x]);

        Assert.Single(_g.Nodes, node => node.Op == "NoSuchRule");
    }

    [Fact]
    public void Of_DetachedValue_StopsTheGradient()
    {
        Value x = _g.Input("x", ElementType.Float, [2]);
        Value loss = _g.SumAll(_g.Mul(x, _g.Detach(_g.Square(x))));

        Assert.Equal([4, 9], GradientOf(loss, x, [2, 3]));
    }

    [Fact]
    public void Of_OutputOfANodeThatStopsGradients_MayItselfBeWanted()
    {
        Value x = _g.Input("x", ElementType.Float, [2]);
        Value detached = _g.Detach(_g.Square(x));
        Value loss = _g.SumAll(_g.Mul(x, detached));

        IReadOnlyList<Value> gradients = Gradients.Of(_g, loss, [x, detached]);
        _g.Output("dx", gradients[0]);
        _g.Output("dd", gradients[1]);
        Dictionary<string, TestTensor> results = GraphRun.Once(_g, ("x", TestTensor.Of([2, 3], 2)));

        Assert.Equal([4, 9], results["dx"].Floats);
        Assert.Equal([2, 3], results["dd"].Floats);
    }

    [Fact]
    public void Of_SharedParameter_AddsUpItsUses()
    {
        Value x = _g.Parameter("x", [2], Initialize.Ones);
        Value again = _g.Parameter("x", [2], Initialize.Ones);
        Value loss = _g.SumAll(_g.Add(_g.Mul(x, 3f), _g.Add(_g.Square(again), x)));

        Assert.Equal([8, 10], GradientOf(loss, x, [2, 3]));
    }

    [Fact]
    public void Of_UnusedParameter_IsZeroOfItsShape()
    {
        Value x = _g.Input("x", ElementType.Float, [2]);
        Value unused = _g.Parameter("unused", [2, 3], Initialize.Ones);

        _g.Output("d", Gradients.Of(_g, _g.SumAll(x), [unused])[0]);

        Assert.Equal(new float[6], GraphRun.Once(_g)["d"].Floats);
    }

    [Fact]
    public void Of_ValuePassedThroughIntegers_HasNoGradient()
    {
        Value x = _g.Input("x", ElementType.Float, [2]);
        Value truncated = _g.Cast(_g.Cast(x, ElementType.Int64), ElementType.Float);

        Assert.Equal([0, 0], GradientOf(_g.SumAll(truncated), x, [2.5f, 3.5f]));
    }

    [Fact]
    public void Of_NodeWithoutRule_IsNamedInTheMessage()
    {
        Value x = _g.Input("x", ElementType.Float, [3]);
        Value y = _g.Emit("NoSuchRule", [x], ElementType.Float, [3]);

        NotSupportedException e = Assert.Throws<NotSupportedException>(() => Gradients.Of(_g, _g.SumAll(y), [x]));

        Assert.Contains("NoSuchRule(x[3])", e.Message);
    }

    [Fact]
    public void Of_CotangentOfAnotherShape_IsRefused()
    {
        Value x = _g.Input("x", ElementType.Float, [3]);
        Value y = _g.Exp(x);

        Assert.Throws<ArgumentException>(() => Gradients.Of(_g, [(y, _g.Constant(1f))], [x]));
    }

    [Fact]
    public void Of_Gradient_GivesTheSecondDerivative()
    {
        Value x = _g.Input("x", ElementType.Float, [2]);
        Value loss = _g.SumAll(_g.Mul(_g.Square(x), x));
        Value first = Gradients.Of(_g, loss, [x])[0];

        Assert.Equal([12, 18], GradientOf(_g.SumAll(first), x, [2, 3]));
    }

    [Fact]
    public void Of_SeveralOutputs_WeighsEachWithItsCotangent()
    {
        Value x = _g.Input("x", ElementType.Float, [2]);
        (Value Output, Value Cotangent)[] outputs = [(_g.Mul(x, 2f), _g.Constant([1, 10], 2)), (_g.Square(x), _g.Constant([1, 1], 2))];

        _g.Output("d", Gradients.Of(_g, outputs, [x])[0]);

        Assert.Equal([6, 26], GraphRun.Once(_g, ("x", TestTensor.Of([2, 3], 2)))["d"].Floats);
    }

    [Fact]
    public void Of_PointSamplesOfBytes_ReachesThePointsOnly()
    {
        Value image = _g.Input("image", ElementType.UInt8, [1, 1, 2, 2]);
        Value points = _g.Input("points", ElementType.Float, [1, 1, 2]);
        Value loss = _g.SumAll(_g.PointSample(image, points));

        IReadOnlyList<Value> gradients = Gradients.Of(_g, loss, [points]);
        _g.Output("d", gradients[0]);
        float[] slope =
            GraphRun.Once(_g, ("image", TestTensor.OfBytes([0, 10, 20, 30], 1, 1, 2, 2)), ("points", TestTensor.Of([0.5f, 0.5f], 1, 1, 2)))["d"].Floats;

        // 10 a pixel to the right, 20 a pixel down, two pixels each way; the pixels are read with five digits.
        Assert.Equal(20, slope[0], 1e-3);
        Assert.Equal(40, slope[1], 1e-3);
        Assert.DoesNotContain(_g.Nodes, node => node.Op == "PointSampleGrad");
    }

    private float[] GradientOf(Value loss, Value x, float[] at)
    {
        _g.Output("gradient", Gradients.Of(_g, loss, [x])[0]);
        return GraphRun.Once(_g, ("x", TestTensor.Of(at, at.Length)))["gradient"].Floats;
    }
}
