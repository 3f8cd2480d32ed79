using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Tests.Runtime.CustomOps;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Tests.Runtime.Kernels;

/// <summary>Group normalisation inside sessions, held against its lowering in standard operators.</summary>
[Kind(TestKind.Emulated)]
public class GroupNormKernelTests
{
    [NvrtcFact]
    public void Compute_OnAGpu_EqualsTheLowering()
        => StagedComparison.Run(Graph(), ["group_norm_sums", "group_norm", "group_norm_backward", "group_norm_channels"]);

    [NvrtcFact]
    public void Compute_NodeThatTheGpuLeavesToTheProcessor_EqualsTheLowering()
    {
        using EmulatedGpu gpu = new();
        using SessionOptions options = new();
        Assert.Null(OperatorChoice.OnCuda(options, new SessionSettings(), gpu.Gpu));
        using GraphSession session = new(new InferenceSession(OnnxModel.Write(Graph()), options), "test", Device.Cpu);
        Dictionary<string, double[]> found = StagedComparison.Compute(session);
        Assert.All(StagedComparison.Compute(Graph(), Device.Cpu), output =>
            Assert.Equal(output.Value, found[output.Key], (a, b) => Math.Abs(a - b) <= StagedComparison.Tolerance * Math.Max(1, Math.Abs(a))));
        Assert.Empty(gpu.State.Device.Counters);
    }

    private static GraphBuilder Graph()
    {
        GraphBuilder g = new("group norm");
        Value x = g.Input("x", ElementType.Float, [2, 12, 5, 7]), scale = g.Input("scale", ElementType.Float, [12]);
        g.Output("y", g.GroupNorm(x, scale, g.Input("shift", ElementType.Float, [12]), 4));
        Value dy = g.Input("dy", ElementType.Float, [2, 12, 5, 7]);
        IReadOnlyList<Value> gradients = Clouds.Graph.Operators.GroupNorm.EmitGradient(g, dy, x, scale, 4, 1e-5f);
        g.Output("dx", gradients[0]);
        g.Output("dscale", gradients[1]);
        g.Output("dshift", gradients[2]);
        return g;
    }
}
