using Clouds.Graph.Building;

namespace Clouds.Tests.Graph.Building;

/// <summary>The plan of ONNX Runtime's memory; that it is a good one is what the tests of kind gpu measure.</summary>
[Kind(TestKind.Fast)]
public class MemoryPlanTests
{
    private const long Bytes = 4 * 10 * 20;
    private readonly GraphBuilder _g = new("plan");

    [Fact]
    public void Of_ElementwiseChainWithViews_OneBufferIsWrittenOver()
    {
        Value x = Input();
        for (int i = 0; i < 5; i++)
        {
            x = _g.Reshape(_g.Relu(x), [10, 20]);
        }

        _g.Output("y", Softmax(x));
        Assert.Equal(Bytes, MemoryPlan.Of(_g).PeakBytes);
    }

    [Fact]
    public void Of_InputReadAgainLater_IsNotWrittenOver()
    {
        Value x = Softmax(Input());
        _g.Output("y", _g.Add(_g.Softmax(_g.Relu(x)), x));
        Assert.Equal(3 * Bytes, MemoryPlan.Of(_g).PeakBytes);
    }

    [Fact]
    public void Of_BufferOfTheSameShapeIsIdle_IsTakenAndHeldUntilThen()
    {
        Value x = Softmax(Softmax(Softmax(Softmax(Input()))));
        _g.Output("y", _g.SumAll(x));
        MemoryPlan plan = MemoryPlan.Of(_g);
        Assert.Equal(2, plan.Steps.SelectMany(step => step.Allocated).Count(buffer => buffer.Bytes == Bytes));
        Assert.Equal(2 * Bytes, plan.PeakBytes);
    }

    [Fact]
    public void Of_AnotherShapeOfTheSameSize_GetsABufferOfItsOwn()
    {
        Value x = Softmax(_g.Transpose(Softmax(Input()), 1, 0));
        _g.Output("y", _g.SumAll(x));
        Assert.Equal(3, MemoryPlan.Of(_g).Steps.SelectMany(step => step.Allocated).Count(buffer => buffer.Bytes == Bytes));
    }

    [Fact]
    public void Of_TransposedFactor_IsNeverMade()
    {
        Value x = Softmax(Input());
        _g.Output("y", _g.MatMul(_g.Transpose(x, 1, 0), x));
        MemoryPlan plan = MemoryPlan.Of(_g);
        Assert.DoesNotContain("Transpose", plan.Steps.Select(step => step.Node.Node.Op));
        Assert.Equal(Bytes, plan.PeakBytes);
    }

    [Fact]
    public void Of_EqualNodesAndNodesOfConstants_AreRunOnceAndNever()
    {
        Value x = Input();
        Value table = _g.Softmax(_g.Constant([1f, 2f], 1, 2));
        _g.Output("y", _g.Add(_g.SumAll(_g.Mul(Softmax(x), Softmax(x))), _g.SumAll(table)));
        MemoryPlan plan = MemoryPlan.Of(_g);
        Assert.Single(plan.Steps, step => step.Node.Node.Op == "Softmax");
    }

    [Fact]
    public void Of_LeafWrittenEarly_RunsBehindWhatItsNeighbourNeeds()
    {
        Value x = Input();
        _g.Output("first", Softmax(x));
        _g.Output("second", _g.Relu(x));
        Assert.Equal(["Relu", "Softmax"], MemoryPlan.Of(_g).Steps.Select(step => step.Node.Node.Op));
    }

    private Value Input() => _g.Input("x", ElementType.Float, [10, 20]);

    private Value Softmax(Value x) => _g.Softmax(x);
}
