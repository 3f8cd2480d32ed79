using Clouds.Graph.Building;

namespace Clouds.Tests.Graph.Building;

/// <summary>Extents that a graph computes from its inputs' shapes.</summary>
[Kind(TestKind.Fast)]
public sealed class ExtentsTests
{
    private static readonly Dictionary<string, Func<Dim, Dim, Dim>> Formulas = new()
    {
        ["a number"] = (_, _) => 7,
        ["a symbol"] = (h, _) => h,
        ["strides and padding"] = (h, _) => ((h + 2 - 3) / 2) + 1,
        ["a product"] = (h, w) => h / 4 * (w / 8),
        ["a sum"] = (h, w) => (h / 4 * (w / 4)) + (h / 8 * (w / 8)) + 5,
        ["a difference"] = (h, w) => (3 * h) - w - 1,
        ["a quotient"] = (h, w) => h * w / (w / 3),
    };

    public static TheoryData<string> Names => [.. Formulas.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Size_OfAFormula_IsItsNumber(string name)
    {
        GraphBuilder g = new("sizes");
        g.Input("x", ElementType.Float, ["H", 3, "W"]);
        Dim dim = Formulas[name]("H", "W");
        g.Output("size", g.Size(dim));
        g.Output("all", g.Sizes([2, dim, "H"]));
        g.Output("float", g.SizeAsFloat(dim));
        foreach ((long h, long w) in new[] { (19L, 24L), (32L, 9L) })
        {
            long expected = Formulas[name](h, w).Size;
            Dictionary<string, TestTensor> found = GraphRun.Once(g, ("x", TestTensor.Of(new float[h * 3 * w], h, 3, w)));
            Assert.Equal([expected], found["size"].Integers);
            Assert.Equal([2, expected, h], found["all"].Integers);
            Assert.Equal([expected], found["float"].Floats);
        }
    }

    [Fact]
    public void Size_AskedForTwice_IsComputedOnce()
    {
        GraphBuilder g = new("sizes");
        g.Input("x", ElementType.Float, ["H"]);
        Assert.Same(g.Size((Dim)"H" / 2), g.Size((Dim)"H" / 2));
        Assert.Equal(["Shape", "Div"], g.Nodes.Select(node => node.Op));
    }

    [Fact]
    public void Size_OfASymbolOfNoInput_IsRefused()
    {
        GraphBuilder g = new("sizes");
        g.Input("x", ElementType.Float, ["H"]);
        Assert.Contains("extent W", Assert.Throws<ArgumentException>(() => g.Size("W")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenExtents_InOperatorsThatNameShapes_AreComputed()
    {
        GraphBuilder g = new("open");
        Value x = g.Input("x", ElementType.Float, ["N", 2, "H", "W"]);
        Dim n = x.Shape[0], h = x.Shape[2], w = x.Shape[3];
        Value rows = g.Reshape(g.Transpose(x, 0, 2, 3, 1), [n * h * w, 2]);
        g.Output("map", g.Transpose(g.Reshape(rows, [n, h, w, 2]), 0, 3, 1, 2));
        g.Output("larger", g.ResizeBilinear(x, h * 2, w + 1));
        g.Output("spread", g.Expand(g.Constant(1f), [n, h]));
        g.Output("half", g.Split(x, 2, h / 2, h - (h / 2))[1]);
        g.Output("count", g.Counting(w));
        TestTensor image = TestTensor.Of([.. Enumerable.Range(0, 60).Select(i => (float)i)], 2, 2, 3, 5);

        // The run compares the shapes.
        Dictionary<string, TestTensor> found = GraphRun.Once(g, ("x", image));
        Assert.Equal(image.Floats, found["map"].Floats);
        Assert.Equal([0, 1, 2, 3, 4], found["count"].Floats);
        Assert.Equal(10, found["half"].Floats[5]);
    }
}
