using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Runtime.CustomOps;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;
using Clouds.Tests.Runtime.Kernels;
using ElementType = Clouds.Runtime.CustomOps.ElementType;
using GraphType = Clouds.Graph.Building.ElementType;

namespace Clouds.Tests.Runtime.CustomOps;

/// <summary>Each operator inside a real session, held against the kernel it wraps (which has its own oracle).</summary>
[Kind(TestKind.Fast)]
public unsafe class CloudsOpsTests
{
    private const ElementType Int64 = ElementType.Int64;
    private static readonly SessionSettings TwoThreads = new() { Threads = 2 };

    [Fact]
    public void MsDeformAttn_InASession_EqualsTheKernel()
    {
        MsDeformAttnPlan plan = new([3, 4, 6, 8], 2, 60, 4, 16, 9, 3);
        (Pinned<float> value, Pinned<float> locations, Pinned<float> weights) =
            (Pinned.Normal(2 * 60 * 64, 1), Pinned.Uniform(2 * 9 * 4 * 12, 2, -0.1, 1.1), Pinned.Uniform(2 * 9 * 4 * 6, 3));
        (Pinned<float> expected, Pinned<float> found) = (Pinned.Dirty(2 * 9 * 64), Pinned.Dirty(2 * 9 * 64));
        MsDeformAttn.Forward(plan, value.Span, locations.Span, weights.Span, expected.Span, 0, plan.Units);
        byte[] model = new TinyModel().Input("v", 2, 60, 4, 16).Input("l", 2, 9, 4, 2, 3, 2).Input("w", 2, 9, 4, 2, 3).Output("y", 2, 9, 64)
            .Node("clouds:MsDeformAttn", ["v", "l", "w"], ["y"], ("levels", new long[] { 3, 4, 6, 8 })).ToBytes();
        using GraphSession session = Device.Cpu.CreateSession(model, TwoThreads);
        session.Bind<float>("v", value.Values, 2, 60, 4, 16);
        session.Bind<float>("l", locations.Values, 2, 9, 4, 2, 3, 2);
        session.Bind<float>("w", weights.Values, 2, 9, 4, 2, 3);
        session.Bind<float>("y", found.Values, 2, 9, 64);
        session.Run();
        Assert.Equal(expected.Values, found.Values);
    }

    [Fact]
    public void MsDeformAttnGrad_InASession_EqualsTheKernel()
    {
        MsDeformAttnPlan plan = new([3, 4], 1, 12, 2, 5, 7, 2);
        Pinned<float>[] inputs = [Pinned.Normal(70, 1), Pinned.Normal(120, 2), Pinned.Uniform(56, 3), Pinned.Uniform(28, 4)];
        Pinned<float>[] expected = [Pinned.Dirty(120), Pinned.Dirty(56), Pinned.Dirty(28)];
        Pinned<float>[] found = [Pinned.Dirty(120), Pinned.Dirty(56), Pinned.Dirty(28)];
        MsDeformAttn.Backward(plan, inputs[0].Span, inputs[1].Span, inputs[2].Span,
            inputs[3].Span, expected[0].Span, expected[1].Span, expected[2].Span, 0, 2);
        byte[] model = new TinyModel().Input("g", 1, 7, 10).Input("v", 1, 12, 2, 5).Input("l", 1, 7, 2, 1, 2, 2).Input("w", 1, 7, 2, 1, 2)
            .Output("dv", 1, 12, 2, 5).Output("dl", 1, 7, 2, 1, 2, 2).Output("dw", 1, 7, 2, 1, 2)
            .Node("clouds:MsDeformAttnGrad", ["g", "v", "l", "w"], ["dv", "dl", "dw"], ("levels", new long[] { 3, 4 })).ToBytes();
        Run(model, inputs, found);
        Assert.Equal(expected.Select(e => e.Values), found.Select(f => f.Values));
    }

    [Fact]
    public void LayerNormAndGrad_InASession_EqualTheKernel()
    {
        const int Rows = 300;
        Pinned<float>[] inputs = [Pinned.Normal(Rows * 20, 1), Pinned.Normal(20, 2), Pinned.Normal(20, 3), Pinned.Normal(Rows * 20, 4)];
        Pinned<float>[] expected = [Pinned.Dirty(Rows * 20), Pinned.Dirty(Rows * 20), Pinned.Dirty(20), Pinned.Dirty(20)];
        Pinned<float>[] found = [Pinned.Dirty(Rows * 20), Pinned.Dirty(Rows * 20), Pinned.Dirty(20), Pinned.Dirty(20)];
        LayerNormShape shape = new(Rows, 20);
        LayerNorm.Forward(shape, inputs[0].Span, inputs[1].Span, inputs[2].Span, expected[0].Span, 1e-3f, 0, Rows);
        Pinned<float> partials = new((int)shape.PartialFloats);
        LayerNorm.Backward(shape, inputs[3].Span, inputs[0].Span, inputs[1].Span, expected[1].Span, partials.Span, 1e-3f, 0, shape.Chunks);
        LayerNorm.SumPartials(shape, partials.Span, expected[2].Span, expected[3].Span);
        byte[] model = new TinyModel().Input("x", 3, Rows / 3, 20).Input("s", 20).Input("b", 20).Input("g", 3, Rows / 3, 20)
            .Output("y", 3, Rows / 3, 20).Output("dx", 3, Rows / 3, 20).Output("ds", 20).Output("db", 20)
            .Node("clouds:LayerNorm", ["x", "s", "b"], ["y"], ("epsilon", 1e-3f))
            .Node("clouds:LayerNormGrad", ["g", "x", "s"], ["dx", "ds", "db"], ("epsilon", 1e-3f)).ToBytes();
        Run(model, inputs, found);
        Assert.Equal(expected.Select(e => e.Values), found.Select(f => f.Values));
    }

    [Fact]
    public void GroupNorm_OnTheProcessor_EqualsTheStandardsOperator()
    {
        GraphBuilder g = new("group norm");
        Value x = g.Input("x", GraphType.Float, [2, 8, 5, 7]), scale = g.Input("scale", GraphType.Float, [8]);
        Value shift = g.Input("shift", GraphType.Float, [8]);
        g.Output("ours", g.GroupNorm(x, scale, shift, 4, 1e-3f));
        g.Output("standard", g.GroupNormalization(x, scale, shift, 4, 1e-3f));
        Dictionary<string, double[]> found = StagedComparison.Compute(g, Device.Cpu);
        Assert.All(found["standard"].Zip(found["ours"]), pair => Assert.Equal(pair.First, pair.Second, 2e-6));
    }

    [Fact]
    public void LinearAndGrad_InASession_EqualTheProductsOfStandardOperators()
    {
        GraphBuilder g = new("linear");
        Value x = g.Input("x", GraphType.Float, [130, 70]), weight = g.Input("weight", GraphType.Float, [50, 70]);
        Value bias = g.Input("bias", GraphType.Float, [50]), dy = g.Input("dy", GraphType.Float, [130, 50]);
        g.Output("y", Clouds.Graph.Operators.Linear.Emit(g, x, weight, bias));
        g.Output("dx", Clouds.Graph.Operators.Linear.EmitGradient(g, dy, weight));
        g.Output("standard y", g.Gemm(x, weight, bias, transB: true));
        g.Output("standard dx", g.Gemm(dy, weight));
        Dictionary<string, double[]> found = StagedComparison.Compute(g, Device.Cpu);
        Assert.All(["y", "dx"], name => Assert.All(
            found["standard " + name].Zip(found[name]), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * Math.Max(1, Math.Abs(pair.First)))));
    }

    [Fact]
    public void PointSampleAndGrad_InASession_EqualTheKernel()
    {
        Pinned<float>[] inputs = [Pinned.Normal(2 * 3 * 30, 1), Pinned.Uniform(2 * 40 * 2, 2)];
        Pinned<float>[] expected = [Pinned.Dirty(2 * 3 * 40), Pinned.Dirty(2 * 3 * 30)];
        Pinned<float>[] found = [Pinned.Dirty(2 * 3 * 40), Pinned.Dirty(2 * 3 * 30)];
        PointSampleShape shape = new(2, 3, 5, 6, 40);
        PointSample.Forward(shape, inputs[0].Span, inputs[1].Span, expected[0].Span, 0, 6);
        PointSample.Backward(shape, expected[0].Span, inputs[1].Span, expected[1].Span, 0, 6);
        byte[] model = new TinyModel().Input("x", 2, 3, 5, 6).Input("p", 2, 40, 2).Output("y", 2, 3, 40).Output("dx", 2, 3, 5, 6)
            .Node("clouds:PointSample", ["x", "p"], ["y"]).Node("clouds:PointSampleGrad", ["y", "p"], ["dx"], ("size", new long[] { 5, 6 })).ToBytes();
        Run(model, inputs, found);
        Assert.Equal(expected.Select(e => e.Values), found.Select(f => f.Values));
    }

    [Fact]
    public void PointSample_OfBytes_SamplesTheirValues()
    {
        byte[] model = new TinyModel().Input("x", ElementType.Byte, 1, 1, 1, 2).Input("p", 1, 3, 2).Output("y", 1, 1, 3)
            .Node("clouds:PointSample", ["x", "p"], ["y"]).ToBytes();
        float[] found = new float[3];
        using GraphSession session = Device.Cpu.CreateSession(model, TwoThreads);
        session.Bind<byte>("x", new byte[] { 10, 250 }, 1, 1, 1, 2);
        session.Bind<float>("p", new float[] { 0.25f, 0.5f, 0.5f, 0.5f, 0.75f, 0.5f }, 1, 3, 2);
        session.Bind<float>("y", found, 1, 1, 3);
        session.Run();
        Assert.Equal([10, 130, 250], found);
    }

    [Fact]
    public void UncertainPoints_InASession_KeepsTheSmallest()
    {
        byte[] model = new TinyModel().Input("x", 1, 4).Input("p", 1, 4, 2).Output("y", 1, 2, 2)
            .Node("clouds:UncertainPoints", ["x", "p"], ["y"], ("count", 2L)).ToBytes();
        Pinned<float> found = Pinned.Dirty(4);
        Run(model, [new([-3f, 0.5f, 2, -1]), new([0f, 1, 2, 3, 4, 5, 6, 7])], [found]);
        Assert.Equal([2, 3, 6, 7], found.Values);
    }

    [Theory]
    [InlineData(new[] { 2, 5, 3, 4, 12, 10, 48, 40, 700 }, 1)]
    [InlineData(new[] { 1, 19, 21, 20, 24, 24, 96, 96, 512 }, 2)]
    public void MatchingCost_InASession_EqualsTheKernelAndNearlyTheLowering(int[] sizes, int padding)
    {
        MatchingCase problem = new(MatchingCostTests.Shape(sizes), padding: padding);
        MatchingShape s = problem.Shape;
        GraphBuilder g = new("matching");
        Value cost = g.MatchingCost(
            g.Input("c", GraphType.Float, [s.Images, s.Queries, s.Classes]), g.Input("m", GraphType.Float, [s.Images, s.Queries, s.Height, s.Width]),
            g.Input("l", GraphType.Int64, [s.Images, s.Targets]), g.Input("t", GraphType.UInt8, [s.Images, s.Targets, s.MaskHeight, s.MaskWidth]),
            g.Input("v", GraphType.Float, [s.Images, s.Targets]), g.Input("p", GraphType.Float, [s.Images, s.Points, 2]),
            MatchingCase.Weights.Class, MatchingCase.Weights.Mask, MatchingCase.Weights.Dice);
        g.Output("y", cost);
        float[] expected = problem.Twin();
        Assert.Equal(expected, Matching(OnnxModel.Write(g), problem, useCustomOps: true));

        // Sums of thousands of terms in another order, and softplus as logarithm and exponential.
        Near.All(expected, Matching(OnnxModel.Write(g), problem, useCustomOps: false), 1e-5);
    }

    [Fact]
    public void ScatterAdd_InASession_EqualsTheKernelAndNearlyTheLowering()
    {
        ScatterAddShape shape = new(2, 50, 30, 200);
        (Pinned<float> updates, Pinned<float> expected) = (Pinned.Normal((int)shape.Terms, 1), new((int)shape.Sums));
        Pinned<long> indices = new([.. Enumerable.Range(0, 100).Select(i => i % 3 == 0 ? -1L : i % 7)]);
        ScatterAdd.Add(shape, updates.Span, indices.Span, expected.Span, 0, ScatterAdd.Units(shape));
        GraphBuilder g = new("sums");
        g.Output("y", g.ScatterAdd(g.Input("u", GraphType.Float, [2, 5, 10, 200]), g.Input("i", GraphType.Int64, [2, 5, 10]), 30, 1));
        float[] Sums(bool useCustomOps)
        {
            float[] found = Pinned.Dirty((int)shape.Sums).Values;
            using GraphSession session = Device.Cpu.CreateSession(OnnxModel.Write(g), new SessionSettings { Threads = 2, UseCustomOps = useCustomOps });
            session.Bind<float>("u", updates.Values, 2, 5, 10, 200);
            session.Bind<long>("i", indices.Values, 2, 5, 10);
            session.Bind<float>("y", found, 2, 30, 200);
            session.Run();
            return found;
        }

        Assert.Equal(expected.Values, Sums(useCustomOps: true));

        // The lowering adds in double precision.
        Near.All(expected.Values, Sums(useCustomOps: false), 1e-6);
    }

    [Fact]
    public void ScatterAdd_IndexOfNoRow_FailsTheRunWithTheIndex()
    {
        byte[] model = new TinyModel().Input("u", 2).Input("i", Int64, 2).Output("y", 3)
            .Node("clouds:ScatterAdd", ["u", "i"], ["y"], ("rows", 3L), ("batch_axes", 0L)).ToBytes();
        using GraphSession session = Device.Cpu.CreateSession(model, TwoThreads);
        session.Bind<float>("u", new float[2], 2);
        session.Bind<long>("i", new long[] { 0, 3 }, 2);
        session.Bind<float>("y", new float[3], 3);
        CloudsException error = Assert.Throws<CloudsException>(() => session.Run());
        Assert.Contains("ScatterAdd: index 3 names none of 3 rows", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Assign_InASession_MatchesAndPads()
    {
        long[] queries = [9, 9];
        long[] targets = [9, 9];
        float[] matched = [9, 9];
        using GraphSession session = Device.Cpu.CreateSession(AssignModel(), TwoThreads);
        session.Bind<float>("c", new float[] { 5, 1, 4, 1, 3, 1 }, 1, 3, 2);
        session.Bind<float>("v", new float[] { 1, 0 }, 1, 2);
        session.Bind<long>("q", queries, 1, 2);
        session.Bind<long>("t", targets, 1, 2);
        session.Bind<float>("m", matched, 1, 2);
        session.Run();
        Assert.Equal([2, 0], queries);
        Assert.Equal([0, 0], targets);
        Assert.Equal([1, 0], matched);
    }

    [Fact]
    public void Assign_WithoutTheOtherOps_IsStillKnown()
    {
        using GraphSession session = Device.Cpu.CreateSession(AssignModel(), new SessionSettings { UseCustomOps = false });
        Assert.Equal(2, session.Inputs.Count);
        byte[] other = new TinyModel().Input("x", 4, 4).Input("s", 4).Input("b", 4).Output("y", 4, 4)
            .Node("clouds:LayerNorm", ["x", "s", "b"], ["y"], ("epsilon", 1e-3f)).ToBytes();
        CloudsException error = Assert.Throws<CloudsException>(() => Device.Cpu.CreateSession(other, new SessionSettings { UseCustomOps = false }));
        Assert.Equal(Failure.BadInput, error.Failure);
    }

    [Fact]
    public void Node_WithoutItsAttribute_FailsTheSessionWithItsName()
    {
        byte[] model = new TinyModel().Input("x", 4, 4).Input("s", 4).Input("b", 4)
            .Output("y", 4, 4).Node("clouds:LayerNorm", ["x", "s", "b"], ["y"]).ToBytes();
        CloudsException error = Assert.Throws<CloudsException>(() => Device.Cpu.CreateSession(model));
        Assert.Contains("epsilon", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Node_WithShapesThatDoNotFit_FailsTheRunWithTheirNames()
    {
        byte[] model = new TinyModel().Input("x", 4, 4).Input("s", 3).Input("b", 4).Output("y", 4, 4)
            .Node("clouds:LayerNorm", ["x", "s", "b"], ["y"], ("epsilon", 1e-3f)).ToBytes();
        using GraphSession session = Device.Cpu.CreateSession(model);
        session.Bind<float>("x", new float[16], 4, 4);
        session.Bind<float>("s", new float[3], 3);
        session.Bind<float>("b", new float[4], 4);
        session.Bind<float>("y", new float[16], 4, 4);
        CloudsException error = Assert.Throws<CloudsException>(() => session.Run());
        Assert.Equal(Failure.Device, error.Failure);
        Assert.Contains("LayerNorm: x has shape [4, 4], expected [..., 3]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sessions_MadeByManyThreads_AllWork()
    {
        Parallel.For(0, 16, _ => Assign_InASession_MatchesAndPads());
    }

    [Fact]
    public void Names_AreTheOperatorsOfTheDomain()
    {
        Assert.Equal(["MsDeformAttn", "MsDeformAttnGrad", "LayerNorm", "LayerNormGrad", "GroupNorm", "GroupNormGrad", "ConvWeightGrad", "GeluGrad", "SiluGrad",
            "DepthwiseConv", "DepthwiseConvGrad", "Linear", "LinearGrad", "PointSample", "PointSampleGrad", "UncertainPoints", "MatchingCost", "ScatterAdd",
            "Assign"], CloudsOps.Names);
    }

    private static float[] Matching(byte[] model, MatchingCase problem, bool useCustomOps)
    {
        MatchingShape s = problem.Shape;
        float[] found = new float[s.Costs];
        using GraphSession session = Device.Cpu.CreateSession(model, new SessionSettings { Threads = 2, UseCustomOps = useCustomOps });
        session.Bind<float>("c", problem.ClassLogits.Values, s.Images, s.Queries, s.Classes);
        session.Bind<float>("m", problem.MaskLogits.Values, s.Images, s.Queries, s.Height, s.Width);
        session.Bind<long>("l", problem.Labels.Values, s.Images, s.Targets);
        session.Bind<byte>("t", problem.Masks.Values, s.Images, s.Targets, s.MaskHeight, s.MaskWidth);
        session.Bind<float>("v", problem.Valid.Values, s.Images, s.Targets);
        session.Bind<float>("p", problem.Points.Values, s.Images, s.Points, 2);
        session.Bind<float>("y", found, s.Images, s.Queries, s.Targets);
        session.Run();
        return found;
    }

    private static byte[] AssignModel() => new TinyModel().Input("c", 1, 3, 2)
        .Input("v", 1, 2).Output("q", Int64, 1, 2).Output("t", Int64, 1, 2).Output("m", 1, 2)
        .Node("clouds:Assign", ["c", "v"], ["q", "t", "m"]).ToBytes();

    private static void Run(byte[] model, Pinned<float>[] inputs, Pinned<float>[] outputs)
    {
        using GraphSession session = Device.Cpu.CreateSession(model, TwoThreads);
        foreach ((GraphPort port, Pinned<float> buffer) in session.Inputs.Zip(inputs).Concat(session.Outputs.Zip(outputs)))
        {
            session.Bind<float>(port.Name, buffer.Values, port.Shape);
        }

        session.Run();
    }
}
