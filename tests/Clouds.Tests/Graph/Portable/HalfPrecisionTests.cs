using Clouds.Graph.Building;
using Clouds.Graph.Portable;

namespace Clouds.Tests.Graph.Portable;

[Kind(TestKind.Fast)]
public sealed class HalfPrecisionTests
{
    [Fact]
    public void Of_ProductsAndWhatFollowsThem_AreHalvesAndNothingElseIs()
    {
        GraphBuilder half = HalfPrecision.Of(Network());
        Assert.Equal(ElementType.Float16, TypeOf(half, "Conv"));
        Assert.Equal(ElementType.Float16, TypeOf(half, "Relu"));
        Assert.Equal(ElementType.Float16, TypeOf(half, "Gemm"));
        Assert.Equal(ElementType.Float, TypeOf(half, "LayerNorm"));
        Assert.Equal(ElementType.Float, TypeOf(half, "Softmax"));
        Assert.Equal(ElementType.Float, TypeOf(half, "Add"));
        Assert.Equal(ElementType.Float, half.Outputs.Single().Value.Type);
        Assert.Equal(ElementType.Float, half.Inputs.Single().Type);
    }

    [Fact]
    public void Of_Parameters_AreHalvesWhereOnlyHalvesReadThem()
    {
        Dictionary<string, ElementType> types = HalfPrecision.Of(Network()).Parameters.ToDictionary(p => p.Name, p => p.Type);
        Assert.Equal(ElementType.Float16, types["conv.weight"]);
        Assert.Equal(ElementType.Float16, types["linear.weight"]);
        Assert.Equal(ElementType.Float, types["norm.weight"]);

        // Half of it is read by a product, the other half by a sum in single precision.
        Assert.Equal(ElementType.Float, types["table"]);
        Assert.Equal(ElementType.Int64, types["counter"]);
    }

    [Theory]
    [InlineData(-1e9f)]
    [InlineData(1e-7f)]
    [InlineData(70000f)]
    [InlineData(float.PositiveInfinity)]
    public void Of_NumbersThatHalfPrecisionLacks_KeepTheirNodeInSingle(float number)
    {
        GraphBuilder g = new("numbers");
        Value x = g.Input("x", ElementType.Float, [2, 2]);
        Value product = g.MatMul(x, x);
        g.Output("y", g.Mul(product, number));
        g.Output("z", g.Mul(product, 0.5f));
        GraphBuilder half = HalfPrecision.Of(g);
        Assert.Equal([ElementType.Float, ElementType.Float16], half.Nodes.Where(node => node.Op == "Mul").Select(node => node.Outputs[0].Type));
    }

    [Fact]
    public void Of_AValueThatSeveralReadInAnotherType_IsCastOnce()
    {
        GraphBuilder g = new("casts");
        Value x = g.Input("x", ElementType.Float, [2, 2]);
        g.Output("y", g.MatMul(g.MatMul(x, x), x));
        Assert.Equal(2, HalfPrecision.Of(g).Nodes.Count(node => node.Op == "Cast"));
    }

    private static GraphBuilder Network()
    {
        GraphBuilder g = new("network");
        Value x = g.Input("x", ElementType.Float, [1, 3, 4, 4]);
        Value rows = g.Reshape(g.Relu(g.Conv(x, "conv", 4, 3, pad: 1)), [16, 4]);
        IReadOnlyList<Value> halves = g.Split(g.Parameter("table", [8, 4], Initialize.Ones), 0, 4, 4);
        Value y = g.Linear(g.LayerNorm(g.MatMul(rows, halves[0]), "norm", 1e-5f), "linear", 4);
        Value counter = g.Parameter("counter", [1], Initialize.Zeros, type: ElementType.Int64);
        Value sum = g.Add(g.Softmax(y), g.Slice(halves[1], 0, 0, 1));
        g.Output("y", g.Gather(sum, counter));
        return g;
    }

    private static ElementType TypeOf(GraphBuilder g, string op) => g.Nodes.Last(node => node.Op == op).Outputs[0].Type;
}
