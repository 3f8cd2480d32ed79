using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.CustomOps;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Native;
using Clouds.Runtime.Sessions;
using Clouds.Tests.Runtime.Kernels;
using Microsoft.ML.OnnxRuntime;
using ElementType = Clouds.Graph.Building.ElementType;

namespace Clouds.Tests.Runtime.CustomOps;

/// <summary>Operators inside real sessions with their CUDA kernels on an emulated GPU, held against the processor's and the lowerings.</summary>
[Kind(TestKind.Emulated)]
public class CudaOpsTests
{
    [NvrtcFact]
    public void PointSampleAndGrad_PointsInAnyOrder_EqualTheProcessorAndTheLowering()
    {
        GraphBuilder g = new("points");
        Value points = g.Input("points", ElementType.Float, [2, 40, 2]);
        Value dy = g.Input("dy", ElementType.Float, [2, 3, 40]);
        g.Output("y", g.PointSample(g.Input("x", ElementType.Float, [2, 3, 5, 6]), points));
        g.Output("bytes", g.PointSample(g.Input("masks", ElementType.UInt8, [2, 1, 4, 7]), points));
        g.Output("dx", Clouds.Graph.Operators.PointSample.EmitGradient(g, dy, points, 5, 6));
        StagedComparison.Run(g, ["point_sample_f32", "point_sample_u8", "point_sort", "point_sample_backward"]);
    }

    [NvrtcFact]
    public void ScatterAdd_NarrowAndWideRows_EqualTheProcessorAndTheLowering()
    {
        GraphBuilder g = new("sums");
        Value indices = g.Constant(Literal.Of([4L, 0, 0, -1, 2, 0, 1, 1, 0, 3, -2, 0], 2, 6));
        g.Output("narrow", g.ScatterAdd(g.Input("few", ElementType.Float, [2, 6, 3]), indices, 5));
        g.Output("wide", g.ScatterAdd(g.Input("many", ElementType.Float, [2, 6, 140]), indices, 5, batchAxes: 1));
        StagedComparison.Run(g, ["scatter_count", "scatter_scan", "scatter_fill", "scatter_sort", "scatter_sum", "scatter_sum_4"]);
    }

    [NvrtcFact]
    public void UncertainPoints_InASession_EqualTheProcessorAndTheLowering()
    {
        GraphBuilder g = new("uncertain");
        g.Output("y", g.UncertainPoints(g.Input("logits", ElementType.Float, [3, 50]), g.Input("candidates", ElementType.Float, [3, 50, 2]), 20));
        StagedComparison.Run(g, ["uncertain_points"]);
    }

    [NvrtcFact]
    public void MatchingCost_InASession_EqualsTheProcessorAndTheLowering()
    {
        GraphBuilder g = new("matching");
        Value classLogits = g.Input("class logits", ElementType.Float, [2, 9, 6]), maskLogits = g.Input("mask logits", ElementType.Float, [2, 9, 5, 7]);
        Value labels = g.Input("labels", ElementType.Int64, [2, 4]), masks = g.Input("masks", ElementType.UInt8, [2, 4, 10, 14]);
        g.Output("y", g.MatchingCost(
            classLogits, maskLogits, labels, masks, g.Input("valid", ElementType.Float, [2, 4]), g.Input("points", ElementType.Float, [2, 300, 2]), 2, 5, 5));
        StagedComparison.Run(g, ["matching_sums", "matching_cost"]);
    }

    [NvrtcFact]
    public void LayerNormAndGrad_ForwardWithoutACudaKernel_EqualTheProcessorAndTheLowering()
    {
        GraphBuilder g = new("layer norm");
        Value x = g.Input("x", ElementType.Float, [4, 5, 40]), scale = g.Input("scale", ElementType.Float, [40]);
        g.Output("y", g.LayerNorm(x, scale, g.Input("shift", ElementType.Float, [40]), 1e-5f));
        Publish(g, Clouds.Graph.Operators.LayerNorm.EmitGradient(g, g.Input("dy", ElementType.Float, [4, 5, 40]), x, scale, 1e-5f));
        StagedComparison.Run(g, ["layer_norm_backward", "layer_norm_sum"]);
    }

    [NvrtcFact]
    public void Assign_InASession_EqualsTheProcessor()
    {
        GraphBuilder g = new("assignment");
        (Value queries, Value targets, Value matched) = g.Assign(g.Input("cost", ElementType.Float, [1, 3, 2]), g.Input("valid", ElementType.Float, [1, 2]));
        g.Output("queries", queries);
        g.Output("targets", targets);
        g.Output("matched", matched);
        StagedComparison.Run(g, ["assign"]);
    }

    [NvrtcFact]
    public void Node_ShapesChange_MakesANewPlanAndGivesTheOldBack()
    {
        byte[] model = new TinyModel().Input("v", 1, 12, 2, 5).Input("l", 1, -1, 2, 1, 2, 2).Input("w", 1, -1, 2, 1, 2).Output("y", 1, -1, 10)
            .Node("clouds:MsDeformAttn", ["v", "l", "w"], ["y"], ("levels", new long[] { 3, 4 })).ToBytes();
        using EmulatedGpu gpu = new();
        using GraphSession session = Device.KernelsOn(gpu.Gpu).CreateSession(model);
        using GraphSession expected = Device.Cpu.CreateSession(model);
        foreach (int queries in new[] { 7, 3, 3, 9 })
        {
            Assert.Equal(Attend(expected, queries), Attend(session, queries), (a, b) => Math.Abs(a - b) <= StagedComparison.Tolerance);
        }
    }

    [NvrtcFact]
    public void Node_ShapesThatDoNotFit_FailsWithTheOperatorsName()
    {
        byte[] model = new TinyModel().Input("x", 1, 2, 3, 4).Input("p", 2, 5, 2).Output("y", 1, 2, 5).Node("clouds:PointSample", ["x", "p"], ["y"]).ToBytes();
        Assert.Contains("PointSample: points has shape [2, 5, 2], expected [1, 5, 2]", FailureOf(model).Message, StringComparison.Ordinal);
    }

    [NvrtcFact]
    public void Node_HeadsTooWide_FailsWithOperatorAndWidths()
    {
        byte[] model = new TinyModel().Input("v", 1, 12, 1, 132).Input("l", 1, 2, 1, 1, 2, 2).Input("w", 1, 2, 1, 1, 2).Output("y", 1, 2, 132)
            .Node("clouds:MsDeformAttn", ["v", "l", "w"], ["y"], ("levels", new long[] { 3, 4 })).ToBytes();
        CloudsException failure = FailureOf(model);
        Assert.Contains(
            "MsDeformAttn: deformable attention: 132 channels a head; the kernels take multiples of 4 up to 128", failure.Message, StringComparison.Ordinal);
    }

    [NvrtcFact]
    public void Node_KernelFaults_IsOneFailureWithOperatorAndCode()
    {
        using EmulatedGpu gpu = new(mutate: ptx => PtxEdit.Replace(ptx, "uncertain_points", "ret;", "trap;"));
        CloudsException failure = Assert.Throws<CloudsException>(() => RunOnce(UncertainModel(), gpu.Gpu));
        Assert.Equal(Failure.Device, failure.Failure);
        Assert.Contains("UncertainPoints", failure.Message, StringComparison.Ordinal);
        Assert.Contains("CUDA_ERROR_LAUNCH_FAILED", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(gpu.State.LastFault);
    }

    [NvrtcFact]
    public void Node_GpuFull_FailsAndLeavesTheSessionUsable()
    {
        using EmulatedGpu gpu = new();
        using GraphSession session = Device.KernelsOn(gpu.Gpu).CreateSession(UncertainModel());
        float[] found = Bind(session);
        gpu.State.Failures["cuMemAlloc_v2"] = 2;
        Assert.Contains("UncertainPoints: the GPU has no memory left", Assert.Throws<CloudsException>(() => session.Run()).Message, StringComparison.Ordinal);
        gpu.State.Failures.Clear();
        session.Run();
        Assert.Equal([2f, 3, 6, 7], found);
    }

    [Fact]
    public void OnCuda_CompilerMissing_GivesTheReasonAndRunsTheLowering()
    {
        using TemporaryFolder empty = new();
        using EmulatedGpu machine = new();
        using Gpu gpu = WithoutCompiler(machine, empty.Path);
        using SessionOptions options = new();
        string? reason = OperatorChoice.OnCuda(options, new SessionSettings(), gpu);
        Assert.Equal("the CUDA run-time compiler (libnvrtc) cannot be loaded", reason);
        using GraphSession session = new(new InferenceSession(UncertainModel(), options), "test", Device.Cpu);
        float[] found = Bind(session);
        session.Run();
        Assert.Equal([2f, 3, 6, 7], found);
    }

    [NvrtcFact]
    public void OnCuda_KernelRefusedByTheDriver_GivesTheReason()
    {
        using EmulatedGpu machine = new(mutate: ptx => ptx.Replace("ret;", "fly;", StringComparison.Ordinal));
        using SessionOptions options = new();
        string? reason = OperatorChoice.OnCuda(options, new SessionSettings(), machine.Gpu);
        Assert.StartsWith("a call of the CUDA driver failed (cuModuleLoadDataEx(", reason, StringComparison.Ordinal);
        Assert.Null(OperatorChoice.OnCuda(options, new SessionSettings { UseCustomOps = false }, machine.Gpu));
    }

    [Fact]
    public void OnProcessor_CompilerMissing_Fails()
    {
        using TemporaryFolder empty = new();
        using EmulatedGpu machine = new();
        using Gpu gpu = WithoutCompiler(machine, empty.Path);
        Assert.Equal(Failure.Device, Assert.Throws<CloudsException>(() => Device.KernelsOn(gpu).CreateSession(UncertainModel())).Failure);
    }

    [NvrtcFact]
    public void OnCuda_NodeLeftToTheProcessor_FindsItsKernelThere()
    {
        // A session without the CUDA provider stands for a node that the provider does not take.
        using EmulatedGpu gpu = new();
        using SessionOptions options = new();
        Assert.Null(OperatorChoice.OnCuda(options, new SessionSettings(), gpu.Gpu));
        using GraphSession session = new(new InferenceSession(UncertainModel(), options), "test", Device.Cpu);
        float[] found = Bind(session);
        session.Run();
        Assert.Equal([2f, 3, 6, 7], found);
        Assert.Empty(gpu.State.Device.Counters);
    }

    [Fact]
    public void NamesOnGpu_AreTheOperatorsWithKernels()
        => Assert.Equal(
            ["MsDeformAttn", "MsDeformAttnGrad", "LayerNormGrad", "GroupNorm", "GroupNormGrad", "PointSample", "PointSampleGrad", "UncertainPoints",
            "MatchingCost", "ScatterAdd", "Assign"], CloudsOps.NamesOnGpu);

    private static Gpu WithoutCompiler(EmulatedGpu machine, string empty)
        => Gpu.Open(machine.Driver, compiler: new KernelCompiler(() => Nvrtc.Load(empty), null));

    private static byte[] UncertainModel()
    {
        GraphBuilder g = new("uncertain");
        g.Output("y", g.UncertainPoints(g.Input("x", ElementType.Float, [1, 4]), g.Input("p", ElementType.Float, [1, 4, 2]), 2));
        return OnnxModel.Write(g);
    }

    private static float[] Bind(GraphSession session)
    {
        float[] found = new float[4];
        session.Bind<float>("x", new float[] { -3, 0.5f, 2, -1 }, 1, 4);
        session.Bind<float>("p", new float[] { 0, 1, 2, 3, 4, 5, 6, 7 }, 1, 4, 2);
        session.Bind<float>("y", found, 1, 2, 2);
        return found;
    }

    private static void RunOnce(byte[] model, Gpu gpu)
    {
        using GraphSession session = Device.KernelsOn(gpu).CreateSession(model);
        Bind(session);
        session.Run();
    }

    private static CloudsException FailureOf(byte[] model)
    {
        using EmulatedGpu gpu = new();
        using GraphSession session = Device.KernelsOn(gpu.Gpu).CreateSession(model);
        foreach (GraphPort port in session.Inputs.Concat(session.Outputs))
        {
            session.Bind<float>(port.Name, new float[port.Shape.Aggregate(1L, (a, b) => a * b)], port.Shape);
        }

        CloudsException failure = Assert.Throws<CloudsException>(() => session.Run());
        Assert.Equal(Failure.Device, failure.Failure);
        return failure;
    }

    private static float[] Attend(GraphSession session, int queries)
    {
        float[] found = new float[queries * 10];
        session.Bind<float>("v", Pinned.Normal(120, 1).Values, 1, 12, 2, 5);
        session.Bind<float>("l", Pinned.Uniform(queries * 8, 2).Values, 1, queries, 2, 1, 2, 2);
        session.Bind<float>("w", Pinned.Uniform(queries * 4, 3, 0, 0.5).Values, 1, queries, 2, 1, 2);
        session.Bind<float>("y", found, 1, queries, 10);
        session.Run();
        return found;
    }

    private static void Publish(GraphBuilder g, IReadOnlyList<Value> values)
    {
        for (int i = 0; i < values.Count; i++)
        {
            g.Output($"d{i}", values[i]);
        }
    }
}
