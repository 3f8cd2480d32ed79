using Clouds.Graph.Building;
using Clouds.Graph.Operators;
using Clouds.Runtime.Devices;
using ElementType = Clouds.Graph.Building.ElementType;

namespace Clouds.Tests.Runtime.CustomOps;

/// <summary>Deformable attention inside real sessions with its CUDA kernels on an emulated GPU.</summary>
[Kind(TestKind.Emulated)]
public class CudaAttentionTests
{
    [NvrtcTheory]
    [InlineData(8, "")]
    [InlineData(32, "")]
    [InlineData(3, "row_width")]
    [InlineData(20, "")]
    public void MsDeformAttn_AnyWidthOfHeads_EqualsTheProcessorAndTheLowering(int width, string extra)
    {
        GraphBuilder g = Attention(width);
        string[] kernels = [$"ms_deform_forward_f32_{(width <= 8 ? 4 : 8)}", $"ms_deform_backward_f32_{(width <= 8 ? 4 : 8)}", "ms_deform_convert"];
        StagedComparison.Run(g, extra.Length == 0 ? kernels : [.. kernels, extra]);
    }

    [NvrtcTheory]
    [InlineData(8)]
    [InlineData(3)]
    public void MsDeformAttnGrad_SameBitsAreNotAskedFor_AddsFloatsAndEqualsTheProcessor(int width)
    {
        using EmulatedGpu gpu = new();
        Dictionary<string, double[]> expected = StagedComparison.Compute(Attention(width), Device.Cpu);
        using Device device = Device.KernelsOn(gpu.Gpu, new CudaSettings { Deterministic = false });
        Dictionary<string, double[]> found = StagedComparison.Compute(Attention(width), device);
        Assert.All(expected, pair => Assert.Equal(
            pair.Value, found[pair.Key], (a, b) => Math.Abs(a - b) <= StagedComparison.Tolerance * Math.Max(1, Math.Abs(a))));
        Assert.Contains("ms_deform_backward_f32_4", gpu.State.Device.Counters.Keys);
        Assert.DoesNotContain("ms_deform_largest", gpu.State.Device.Counters.Keys);
        Assert.DoesNotContain("ms_deform_convert", gpu.State.Device.Counters.Keys);
    }

    private static GraphBuilder Attention(int width)
    {
        GraphBuilder g = new("attention");
        Value value = g.Input("value", ElementType.Float, [2, 30, 2, width]);
        Value locations = g.Input("locations", ElementType.Float, [2, 5, 2, 2, 3, 2]);
        Value weights = g.Softmax(g.Reshape(g.Input("weights", ElementType.Float, [2, 5, 2, 6]), [2, 5, 2, 6]), -1);
        weights = g.Reshape(weights, [2, 5, 2, 2, 3]);
        Value dy = g.Input("dy", ElementType.Float, [2, 5, 2 * width]);
        g.Output("y", g.MsDeformAttn(value, locations, weights, [2, 3, 4, 6]));
        foreach ((int i, Value gradient) in MsDeformAttn.EmitGradient(g, dy, value, locations, weights, [2, 3, 4, 6]).Index())
        {
            g.Output($"d{i}", gradient);
        }

        return g;
    }
}
