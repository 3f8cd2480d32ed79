using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Operators;

namespace Clouds.Tests.Graph.Operators;

[Kind(TestKind.Fast)]
public class CloudsOperatorsTests
{
    public static TheoryData<string> Names => [.. CloudsOperators.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Find_EveryName_GivesTheOperatorOfThatName(string name) => Assert.Equal(name, CloudsOperators.Find(name)!.Name);

    [Fact]
    public void Find_UnknownName_GivesNone() => Assert.Null(CloudsOperators.Find("Relu"));

    [Theory]
    [MemberData(nameof(Names))]
    public void Lower_HasTheSchemasInputsOutputsAndAttributes(string name)
    {
        CloudsOperator op = CloudsOperators.Find(name)!;

        if (op.Lower() is FunctionProto function)
        {
            Assert.Equal(op.Inputs, function.Input);
            Assert.Equal(op.Outputs, function.Output);
            Assert.Equal(op.Attributes, function.Attribute);
            Assert.All(op.Outputs, output => Assert.Contains(function.Node, node => node.Output.Contains(output)));
            Assert.All(op.Inputs, input => Assert.Contains(function.Node, node => node.Input.Contains(input)));
        }
        else
        {
            Assert.Equal("Assign", name);
        }
    }

    [Fact]
    public void Emit_OtherNumberOfInputsThanTheSchemas_IsRefused()
    {
        GraphBuilder g = new("schema");
        Value x = g.Input("x", ElementType.Float, [2]);

        ArgumentException e = Assert.Throws<ArgumentException>(() => LayerNorm.Operator.Emit(g, [x], [(x.Type, x.Shape)], ("epsilon", 1f)));

        Assert.Contains("LayerNorm has inputs x, scale, shift", e.Message, StringComparison.Ordinal);
        Assert.Empty(g.Nodes);
    }

    [Fact]
    public void GradientOf_GradientOperator_IsNotSupported()
    {
        GraphBuilder g = new("second order");
        Value dy = g.Input("dy", ElementType.Float, [1, 2, 3]);
        Value dx = PointSample.EmitGradient(g, dy, g.Input("points", ElementType.Float, [1, 3, 2]), 4, 5);

        NotSupportedException e = Assert.Throws<NotSupportedException>(() => Gradients.Of(g, g.SumAll(dx), [dy]));

        Assert.Contains("no gradient rule for clouds.PointSampleGrad", e.Message, StringComparison.Ordinal);
    }
}
