using Clouds.Graph.Onnx;
using Clouds.Graph.Portable;
using Kind = Clouds.Graph.Onnx.AttributeProto.Types.AttributeType;

namespace Clouds.Tests.Graph.Portable;

/// <summary>Bodies of functions in the place of their calls, by hand-made models that run in a plain session.</summary>
[Kind(TestKind.Fast)]
public sealed class FunctionInlinerTests
{
    private static readonly TestTensor X = TestTensor.Of([-1, 2, 3], 3);

    [Fact]
    public void Inline_BodyNamesThatTheGraphHas_BothKeepTheirMeaning()
    {
        // The body's own "t", "x" and node "inner" also stand in the graph, and so does the name that they would get first.
        FunctionProto twice = Function("Twice", ["x"], ["y"], Node("Add", ["x", "x"], ["t"], "inner"), Node("Identity", ["t"], ["y"]));
        ModelProto model = Model(["z", "t"], twice,
            Node("Neg", ["x"], ["t"], "inner"), Call("Twice", ["t"], ["call/t"], "call"), Call("Twice", ["call/t"], ["z"], "call"));
        Dictionary<string, TestTensor> found = Run(model);
        Assert.Equal([4, -8, -12], found["z"].Floats);
        Assert.Equal([1, -2, -3], found["t"].Floats);
        Assert.Equal(model.Graph.Node.Count, model.Graph.Node.Select(node => node.Name).Distinct().Count());
        Assert.Equal([""], model.OpsetImport.Select(opset => opset.Domain));
        Assert.Empty(model.Functions);
    }

    [Fact]
    public void Inline_AttributesOfTheCall_WinOverDefaultsAndMayBeMissing()
    {
        FunctionProto leaky = Function("Leaky", ["x"], ["y"], Node("LeakyRelu", ["x"], ["y"]));
        leaky.Node[0].Attribute.Add(new AttributeProto { Name = "alpha", RefAttrName = "slope", Type = Kind.Float });
        leaky.Attribute.Add("slope");
        NodeProto given = Call("Leaky", ["x"], ["a"]);
        given.Attribute.Add(new AttributeProto { Name = "slope", F = 0.5f, Type = Kind.Float });
        Assert.Equal([-0.5f, 2, 3], Run(Model(["a"], leaky, given))["a"].Floats);

        // Of LeakyRelu's own default.
        Assert.Equal(-0.01f, Run(Model(["a"], leaky, Call("Leaky", ["x"], ["a"])))["a"].Floats[0]);
        leaky.AttributeProto.Add(new AttributeProto { Name = "slope", F = 0.25f, Type = Kind.Float });
        Assert.Equal(-0.25f, Run(Model(["a"], leaky, Call("Leaky", ["x"], ["a"])))["a"].Floats[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Inline_InputsThatTheCallLeavesOut_StayOut(int given)
    {
        FunctionProto clip = Function("Cut", ["x", "low", "high"], ["y"], Node("Clip", ["x", "low", "high"], ["y"]));
        string[] inputs = [.. new[] { "x", "", "one" }.Take(given)];
        ModelProto model = Model(["y"], clip, Call("Cut", inputs, ["y"]));
        model.Graph.Initializer.Add(new TensorProto { Name = "one", DataType = 1, FloatData = { 1f } });
        Assert.Equal(given == 3 ? [-1, 1, 1] : [-1, 2, 3], Run(model)["y"].Floats);
    }

    [Fact]
    public void Inline_OutputsThatNobodyWantsOrThatAreInputs_Work()
    {
        FunctionProto both = Function("Both", ["x"], ["first", "x"], Node("Neg", ["x"], ["first"]));
        Dictionary<string, TestTensor> found = Run(Model(["a", "b"], both, Call("Both", ["x"], ["", "a"]), Call("Both", ["x"], ["b"])));
        Assert.Equal(X.Floats, found["a"].Floats);
        Assert.Equal([1, -2, -3], found["b"].Floats);
    }

    [Fact]
    public void Inline_FunctionsThatCallFunctions_AreAllGone()
    {
        FunctionProto twice = Function("Twice", ["x"], ["y"], Node("Add", ["x", "x"], ["y"]));
        FunctionProto eightfold = Function("Eightfold", ["a"], ["y"],
            Call("Twice", ["a"], ["v"]), Call("Twice", ["v"], ["w"]), Call("Twice", ["w"], ["y"]));
        ModelProto model = Model(["y"], eightfold, Call("Eightfold", ["x"], ["y"]));
        model.Functions.Add(twice);
        Assert.Equal([-8, 16, 24], Run(model)["y"].Floats);
    }

    [Fact]
    public void Inline_FunctionThatCallsItself_IsRefused()
    {
        FunctionProto loop = Function("Loop", ["x"], ["y"], Call("Loop", ["x"], ["y"]));
        ModelProto model = Model(["y"], loop, Call("Loop", ["x"], ["y"]));
        Assert.Contains("clouds.Loop", Assert.Throws<NotSupportedException>(() => FunctionInliner.Inline(model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inline_GraphAsAnAttribute_IsRefused()
    {
        FunctionProto branch = Function("Branch", ["x"], ["y"], Node("If", ["x"], ["y"]));
        branch.Node[0].Attribute.Add(new AttributeProto { Name = "then_branch", G = new GraphProto(), Type = Kind.Graph });
        ModelProto model = Model(["y"], branch, Call("Branch", ["x"], ["y"]));
        Assert.Contains("then_branch", Assert.Throws<NotSupportedException>(() => FunctionInliner.Inline(model)).Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, TestTensor> Run(ModelProto model)
    {
        FunctionInliner.Inline(model);
        using GraphRun run = new(Google.Protobuf.MessageExtensions.ToByteArray(model));
        return run.Run(("x", X));
    }

    private static ModelProto Model(string[] outputs, FunctionProto function, params NodeProto[] nodes)
    {
        ModelProto model = new() { IrVersion = 10, Graph = new GraphProto { Name = "graph" } };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 21 });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "clouds", Version = 1 });
        model.Functions.Add(function);
        model.Graph.Input.Add(Described("x"));
        model.Graph.Output.AddRange(outputs.Select(Described));
        model.Graph.Node.AddRange(nodes);
        return model;
    }

    private static ValueInfoProto Described(string name)
    {
        TensorShapeProto shape = new() { Dim = { new TensorShapeProto.Types.Dimension { DimValue = 3 } } };
        TypeProto.Types.Tensor tensor = new() { ElemType = 1, Shape = shape };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    private static FunctionProto Function(string name, string[] inputs, string[] outputs, params NodeProto[] nodes) =>
        new() { Name = name, Domain = "clouds", Input = { inputs }, Output = { outputs }, Node = { nodes } };

    private static NodeProto Call(string op, string[] inputs, string[] outputs, string name = "") =>
        new() { OpType = op, Domain = "clouds", Name = name, Input = { inputs }, Output = { outputs } };

    private static NodeProto Node(string op, string[] inputs, string[] outputs, string name = "") =>
        new() { OpType = op, Name = name, Input = { inputs }, Output = { outputs } };
}
