using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Randomness;

namespace Clouds.Tests.Graph.Autodiff;

[Kind(TestKind.Fast)]
public sealed class MixedPrecisionTests
{
    private static readonly string[] Products = ["Conv", "ConvTranspose", "MatMul", "Gemm"];

    [Fact]
    public void Of_ProductsOfForwardAndBackwardPass_ReadHalvesAndAreCastBack()
    {
        (GraphBuilder source, GraphBuilder mixed) = Rewritten(Network);
        Node[] products = [.. mixed.LiveNodes().Where(node => Products.Contains(node.Op))];
        Assert.Equal(source.LiveNodes().Count(node => Products.Contains(node.Op)), products.Length);
        Assert.Equal(Products.Order(StringComparer.Ordinal), products.Select(node => node.Op).Distinct().Order(StringComparer.Ordinal));
        Assert.All(products.SelectMany(node => node.Inputs.Concat(node.Outputs)), value => Assert.Equal(ElementType.Float16, value!.Type));
    }

    [Fact]
    public void Of_EverythingElse_StaysSingleAndReadsNoHalves()
    {
        GraphBuilder mixed = Rewritten(Network).Mixed;
        string[] halves = [.. Nodes(mixed, ElementType.Float16).Select(node => node.Op).Distinct()];
        string[] expected = [.. Products, "Cast", "Reshape", "Transpose", "Slice", "Concat", "Pad", "Unsqueeze", "Squeeze"];
        Assert.All(halves, op => Assert.Contains(op, expected));
        Assert.Contains(mixed.LiveNodes(), node => node.Op == "LayerNorm");
        Assert.Contains(mixed.LiveNodes(), node => node.Op == "LogSoftmax");
        Assert.All(mixed.Parameters, parameter => Assert.Equal(ElementType.Float, parameter.Type));
        Assert.All(mixed.Outputs, output => Assert.Equal(ElementType.Float, output.Value.Type));
    }

    [Fact]
    public void Of_WhatWasWrittenInSingle_StaysSoWithItsGradients()
    {
        GraphBuilder mixed = Rewritten(g =>
        {
            Value x = g.Linear(g.Input("x", ElementType.Float, [4, 8]), "half", 8);
            using (g.InSingle())
            {
                x = g.Linear(x, "single", 6);
            }

            return g.SumAll(g.Square(g.Linear(x, "more", 5)));
        }).Mixed;

        // Forward, and the gradients of the operand, of the weight and of the bias.
        Assert.Equal(4, Nodes(mixed, ElementType.Float).Count(node => Products.Contains(node.Op)));
        Assert.Equal(7, Nodes(mixed, ElementType.Float16).Count(node => Products.Contains(node.Op)));
    }

    [Fact]
    public void Of_OurLinearLayer_IsTheRuntimesProduct()
    {
        (GraphBuilder source, GraphBuilder mixed) = Rewritten(g =>
        {
            Value x = g.Linear(g.Input("x", ElementType.Float, [512, 512]), "first", 512);
            return g.SumAll(g.Square(g.Linear(x, "second", 512)));
        });
        Assert.Equal(["Linear", "Linear", "LinearGrad"], source.LiveNodes().Where(node => node.Domain == GraphBuilder.Domain).Select(node => node.Op));
        Assert.DoesNotContain(mixed.LiveNodes(), node => node.Domain == GraphBuilder.Domain);
        Assert.Equal(5, Nodes(mixed, ElementType.Float16).Count(node => node.Op == "Gemm"));
    }

    [Fact]
    public void Of_AConvolutionAndItsGradients_MultipliesHalvesAndAddsImagesUpInSingle()
    {
        (GraphBuilder source, GraphBuilder mixed) = Rewritten(g =>
        {
            Value x = g.Conv(g.Input("x", ElementType.Float, [2, 3, 4, 5]), "first", 4, kernel: 3, pad: 1);
            return g.SumAll(g.Square(g.Conv(x, "second", 4, kernel: 3, pad: 1)));
        });
        Assert.Equal(2, source.LiveNodes().Count(node => node.Op == "ConvWeightGrad"));
        Assert.DoesNotContain(mixed.LiveNodes(), node => node.Domain == GraphBuilder.Domain);
        Assert.Equal(2, Nodes(mixed, ElementType.Float16).Count(node => node.Op == "MatMul"));
        Assert.DoesNotContain(Nodes(mixed, ElementType.Float16), node => node.Op == "ReduceSum");
    }

    [Fact]
    public void Of_AValueThatSeveralProductsRead_IsCastOnceAndAProductsResultNotAtAll()
    {
        GraphBuilder g = new("casts");
        Value x = g.Input("x", ElementType.Float, [2, 2]);
        g.Output("y", g.MatMul(g.Transpose(g.MatMul(x, x), 1, 0), x));
        Assert.Equal(["Cast", "MatMul", "Transpose", "MatMul", "Cast"], MixedPrecision.Of(g).LiveNodes().Select(node => node.Op));
    }

    [Fact]
    public void Of_AGraph_LeavesTheGraphAsItIs()
    {
        GraphBuilder alone = WithGradients(Network).Graph;
        Assert.Equal(OnnxModel.Write(alone), OnnxModel.Write(Rewritten(Network).Source));
    }

    // Half precision has 11 bits.
    [Theory]
    [InlineData(1f)]
    [InlineData(4096f)]
    public void Of_AnyScale_GivesLossAndGradientsOfSinglePrecisionWithinABound(float scale)
    {
        (GraphBuilder source, GraphBuilder mixed) = Rewritten(Network);
        (string, TestTensor)[] feeds = 
        [
            .. source.Inputs.Select(input => (input.Name, TestTensor.Uniform(new RandomStream(3, input.Name), -1, 1, input.Shape.Sizes))),
            .. source.Parameters.Select(parameter => (parameter.Name, TestTensor.Of(parameter.Initialize(5), parameter.Shape.Sizes))),
        ];
        Dictionary<string, TestTensor> exact = GraphRun.Once(source, feeds);
        Dictionary<string, TestTensor> rounded = GraphRun.Once(mixed, [.. feeds, (MixedPrecision.Scale, TestTensor.Of([scale], 1))]);
        foreach ((string name, TestTensor values) in exact)
        {
            double worst = values.Floats.Zip(rounded[name].Floats, (a, b) => Math.Abs((double)a - b)).Max();
            Assert.True(worst <= 1e-2 * Math.Max(values.Floats.Max(Math.Abs), 0.2), $"{name}: {worst}");
        }

        Assert.Contains(exact, output => !output.Value.Floats.SequenceEqual(rounded[output.Key].Floats));
    }

    private static IEnumerable<Node> Nodes(GraphBuilder g, ElementType type)
        => g.LiveNodes().Where(node => node.Inputs.Concat(node.Outputs).Any(value => value?.Type == ElementType.Float16) == (type == ElementType.Float16));

    private static (GraphBuilder Source, GraphBuilder Mixed) Rewritten(Func<GraphBuilder, Value> network)
    {
        (GraphBuilder g, Value seed) = WithGradients(network);
        return (g, MixedPrecision.Of(g, seed, name => name.StartsWith("d.", StringComparison.Ordinal)));
    }

    private static (GraphBuilder Graph, Value Seed) WithGradients(Func<GraphBuilder, Value> network)
    {
        GraphBuilder g = new("network");
        Value loss = network(g);
        g.Output("loss", loss);
        Value seed = Gradients.Seed(g, loss);
        Parameter[] parameters = [.. g.Parameters];
        IReadOnlyList<Value> gradients = Gradients.Of(g, [(loss, seed)], [.. parameters.Select(parameter => parameter.Value)]);
        for (int i = 0; i < parameters.Length; i++)
        {
            g.Output($"d.{parameters[i].Name}", gradients[i]);
        }

        return (g, seed);
    }

    private static Value Network(GraphBuilder g)
    {
        Value x = g.Relu(g.Conv(g.Input("x", ElementType.Float, [2, 3, 8, 8]), "conv", 4, 3, stride: 2, pad: 1));                  // [2, 4, 4, 4]
        x = g.Conv(g.Add(x, g.Conv(x, "depthwise", 4, 3, pad: 1, group: 4)), "narrow", 4, 2, stride: 2);                             // [2, 4, 2, 2]
        Value rows = g.LayerNorm(g.Reshape(x, [8, 4]), "norm", 1e-5f);
        Value table = g.Parameter("table", [4, 6], Initialize.Normal(0.5f));
        Value y = g.Linear(g.MatMul(rows, table), "linear", 5);
        return g.Mul(g.SumAll(g.Square(g.LogSoftmax(y))), 0.1f);
    }
}
