using Clouds.Emulator.Driver;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Tests.Runtime.CustomOps;

namespace Clouds.Tests.Cuda;

/// <summary>
/// Our operators as nodes of ONNX Runtime's CUDA provider, on its tensors and its stream, held against the processor's. Where the CUDA libraries are
/// stand-ins our launches run in the emulator, and a graph that holds only operators of ours gives real numbers.
/// </summary>
[Kind(TestKind.Gpu)]
[Collection(CudaStandIn.Collection)]
public class OwnOperatorsTests
{
    private const CudaNeeds Needs = CudaNeeds.Compiler;

    [CudaTheory(Needs)]
    [InlineData(8)]
    [InlineData(32)]
    [InlineData(3)]
    public void MsDeformAttnAndGrad_OnTheProvider_GiveTheProcessorsNumbers(int width)
    {
        GraphBuilder g = new("attention");
        Value value = g.Input("value", ElementType.Float, [2, 30, 2, width]), locations = g.Input("locations", ElementType.Float, [2, 5, 2, 2, 3, 2]);
        Value weights = g.Input("weights", ElementType.Float, [2, 5, 2, 2, 3]), dy = g.Input("dy", ElementType.Float, [2, 5, 2 * width]);
        g.Output("y", g.MsDeformAttn(value, locations, weights, [2, 3, 4, 6]));
        Compare(g, Clouds.Graph.Operators.MsDeformAttn.EmitGradient(g, dy, value, locations, weights, [2, 3, 4, 6]));
    }

    [CudaFact(Needs)]
    public void PointSampleAndGrad_OnTheProvider_GiveTheProcessorsNumbers()
    {
        GraphBuilder g = new("points");
        Value points = g.Input("points", ElementType.Float, [2, 40, 2]), dy = g.Input("dy", ElementType.Float, [2, 3, 40]);
        g.Output("y", g.PointSample(g.Input("x", ElementType.Float, [2, 3, 5, 6]), points));
        g.Output("bytes", g.PointSample(g.Input("masks", ElementType.UInt8, [2, 1, 4, 7]), points));
        Compare(g, Clouds.Graph.Operators.PointSample.EmitGradient(g, dy, points, 5, 6));
    }

    [CudaFact(Needs)]
    public void GroupNormAndGrad_OnTheProvider_GiveTheProcessorsNumbers()
    {
        GraphBuilder g = new("group norm");
        Value x = g.Input("x", ElementType.Float, [2, 12, 5, 7]), scale = g.Input("scale", ElementType.Float, [12]);
        g.Output("y", g.GroupNorm(x, scale, g.Input("shift", ElementType.Float, [12]), 4));
        Compare(g, Clouds.Graph.Operators.GroupNorm.EmitGradient(g, g.Input("dy", ElementType.Float, [2, 12, 5, 7]), x, scale, 4, 1e-5f));
    }

    [CudaFact(Needs)]
    public void LayerNormGrad_OnTheProvider_GivesTheProcessorsNumbers()
    {
        GraphBuilder g = new("layer norm");
        Value x = g.Input("x", ElementType.Float, [4, 5, 40]), scale = g.Input("scale", ElementType.Float, [40]);
        Compare(g, Clouds.Graph.Operators.LayerNorm.EmitGradient(g, g.Input("dy", ElementType.Float, [4, 5, 40]), x, scale, 1e-5f));
    }

    [CudaFact(Needs)]
    public void Assign_OnTheProvider_GivesTheProcessorsPairs()
    {
        GraphBuilder g = new("assignment");
        (Value queries, Value targets, Value matched) = g.Assign(g.Input("cost", ElementType.Float, [2, 9, 4]), g.Input("valid", ElementType.Float, [2, 4]));
        Compare(g, queries, targets, matched);
    }

    [CudaFact(Needs)]
    public void ScatterAdd_OnTheProvider_GivesTheProcessorsNumbers()
    {
        GraphBuilder g = new("sums");
        Value indices = g.Input("indices", ElementType.Int64, [2, 6]);
        Compare(
            g, g.ScatterAdd(g.Input("few", ElementType.Float, [2, 6, 3]), indices, 12),
            g.ScatterAdd(g.Input("many", ElementType.Float, [2, 6, 140]), indices, 12, batchAxes: 1));
    }

    [CudaFact(Needs)]
    public void UncertainPoints_OnTheProvider_GiveTheProcessorsNumbers()
    {
        GraphBuilder g = new("uncertain");
        Compare(g, g.UncertainPoints(g.Input("logits", ElementType.Float, [3, 50]), g.Input("candidates", ElementType.Float, [3, 50, 2]), 20));
    }

    [CudaFact(Needs)]
    public void MatchingCost_OnTheProvider_GivesTheProcessorsNumbers()
    {
        GraphBuilder g = new("matching");
        Compare(g, g.MatchingCost(
            g.Input("class logits", ElementType.Float, [2, 9, 6]), g.Input("mask logits", ElementType.Float, [2, 9, 5, 7]),
            g.Input("labels", ElementType.Int64, [2, 4]), g.Input("masks", ElementType.UInt8, [2, 4, 10, 14]),
            g.Input("valid", ElementType.Float, [2, 4]), g.Input("points", ElementType.Float, [2, 300, 2]), 2, 5, 5));
    }

    [CudaFact(Needs | CudaNeeds.StandIn)]
    public void OwnOperator_OnTheProvider_CopiesNothingAndLaunchesOnlyOurKernels()
    {
        GraphBuilder g = new("uncertain");
        g.Output("y", g.UncertainPoints(g.Input("logits", ElementType.Float, [3, 50]), g.Input("candidates", ElementType.Float, [3, 50, 2]), 20));
        using Device device = CudaDevice.Open();
        using GraphSession session = device.CreateSession(OnnxModel.Write(g));
        using DeviceBuffers memory = new(device.Gpu!.Context);
        StagedComparison.Fill(session.Inputs, (port, values) => session.Bind(port.Name, memory.Upload(device.Gpu.Stream, (float[])values).Span, port.Shape));
        session.Bind("y", memory.Allocate<float>(3 * 20 * 2).Span, 3, 20, 2);
        CudaStandIn.Reset();
        session.Run();
        DriverCounters counters = CudaStandIn.Counters;
        Assert.Equal((0, 0, 0), (counters.Uploads, counters.Downloads, counters.InnerCopies));
        Assert.Equal((1, 0, 0), (counters.Launches, counters.RuntimeLaunches, counters.LibraryCalls));
    }

    private static void Compare(GraphBuilder g, params IReadOnlyList<Value> results)
    {
        for (int i = 0; i < results.Count; i++)
        {
            g.Output($"d{i}", results[i]);
        }

        using Device device = CudaDevice.Open();
        Dictionary<string, double[]> expected = StagedComparison.Compute(g, Device.Cpu);
        Dictionary<string, double[]> found = StagedComparison.Compute(g, device);
        Assert.Equal(expected.Keys, found.Keys);
        Assert.All(expected, output =>
            Assert.Equal(output.Value, found[output.Key], (a, b) => Math.Abs(a - b) <= StagedComparison.Tolerance * Math.Max(1, Math.Abs(a))));
    }
}
