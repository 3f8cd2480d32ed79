using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Operators;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Tests.Runtime.CustomOps;

/// <summary>Operators of training steps alone inside a real session, held against the standard operators that they stand for.</summary>
[Kind(TestKind.Fast)]
public class TrainingOpsTests
{
    private readonly GraphBuilder _g = new("training operators");

    [Fact]
    public void DepthwiseConvAndSlopes_InASession_EqualTheStandardsOperators()
    {
        Value[] inputs = [Input("x", 2, 6, 9, 13), Input("weight", 6, 1, 7, 7), Input("bias", 6)];
        Value y = Clouds.Graph.Operators.DepthwiseConv.Emit(_g, inputs[0], inputs[1], inputs[2]);
        Value dy = Input("dy", 2, 6, 9, 13);

        Compare(["DepthwiseConv", "DepthwiseConvGrad", "GeluGrad", "SiluGrad"], y, Gradients.Of(_g, [(_g.Gelu(y), dy), (_g.Silu(y), dy)], inputs));
    }

    [Fact]
    public void ConvWeightGrad_InASession_EqualsTheStandardsOperators()
    {
        Value[] inputs = [Input("x", 3, 5, 9, 13), Input("weight", 7, 5, 3, 3), Input("bias", 7)];
        Value y = _g.Conv(inputs[0], inputs[1], inputs[2], pad: 1);

        Compare(["ConvWeightGrad"], y, Gradients.Of(_g, [(y, Input("dy", 3, 7, 9, 13))], inputs));
    }

    private Value Input(string name, params long[] sizes) => _g.Input(name, ElementType.Float, Shape.Of(sizes));

    private void Compare(string[] operators, Value y, IReadOnlyList<Value> gradients)
    {
        Array.ForEach([.. gradients.Prepend(y).Index()], result => _g.Output($"y{result.Index}", result.Item));
        Assert.Equal(operators.Order(), _g.LiveNodes().Where(node => node.Domain == GraphBuilder.Domain).Select(node => node.Op).Distinct().Order());

        Dictionary<string, double[]> ours = StagedComparison.Compute(_g, Device.Cpu);
        GraphBuilder lowered = LoweredGraph.Of(_g);
        Assert.DoesNotContain(lowered.LiveNodes(), node => node.Domain == GraphBuilder.Domain);

        // In the function that travels with the model, and as the nodes that plans of memory see.
        AssertEqual(StagedComparison.Compute(_g, Device.Cpu, new SessionSettings { UseCustomOps = false }), ours);
        AssertEqual(StagedComparison.Compute(lowered, Device.Cpu), ours);
    }

    private static void AssertEqual(Dictionary<string, double[]> standard, Dictionary<string, double[]> ours) => Assert.All(standard, result => Assert.All(
        result.Value.Zip(ours[result.Key]), pair => Assert.Equal(pair.First, pair.Second, StagedComparison.Tolerance * Math.Max(1, Math.Abs(pair.First)))));
}
