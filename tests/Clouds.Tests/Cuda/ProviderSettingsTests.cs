using Clouds.Diagnostics;
using Clouds.Emulator.Driver;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Tests.Cuda;

/// <summary>Settings below execution.cuda, seen by what the provider then asks of CUDA's libraries.</summary>
[Kind(TestKind.Gpu)]
[Collection(CudaStandIn.Collection)]
public class ProviderSettingsTests
{
    private const CudaNeeds Needs = CudaNeeds.StandIn | CudaNeeds.Compiler;

    [CudaTheory(Needs)]
    [InlineData(CudaPrecision.Tf32, true)]
    [InlineData(CudaPrecision.Fp32, false)]
    public void Precision_OfAProduct_IsWhatWasAskedFor(CudaPrecision precision, bool tensorFloat)
    {
        GraphBuilder g = new("product");
        g.Output("y", g.MatMul(g.Input("a", ElementType.Float, [64, 32]), g.Input("b", ElementType.Float, [32, 16])));
        Assert.Equal(tensorFloat, Run(g, new CudaSettings { Precision = precision }).TensorFloat > 0);
    }

    [CudaTheory(Needs)]
    [InlineData(true)]
    [InlineData(false)]
    public void Deterministic_SumOverRows_IsCudnnsInsteadOfOneWithAtomics(bool deterministic)
    {
        GraphBuilder g = new("sum");
        g.Output("y", g.ReduceSum(g.Input("x", ElementType.Float, [4096, 256]), axis: 0));
        DriverCounters counters = Run(g, new CudaSettings { Deterministic = deterministic });
        Assert.Equal(deterministic, counters.LibraryCalls > 0);
        Assert.Equal(!deterministic, counters.RuntimeLaunches > 0);
    }

    [CudaFact(Needs)]
    public void MemoryLimit_BelowWhatAGraphNeeds_IsAFailureOfTheDevice()
    {
        GraphBuilder g = new("twice");
        Value x = g.Input("x", ElementType.Float, [1 << 20]);
        g.Output("y", g.Sqrt(g.Add(x, x)));
        Run(g, new CudaSettings { MemoryLimit = 1 });
        CloudsException failure = Assert.Throws<CloudsException>(() => Run(g, new CudaSettings { MemoryLimit = 1 / 1024.0 }));
        Assert.Equal(Failure.Device, failure.Failure);
        Assert.Contains("memory", failure.Message, StringComparison.OrdinalIgnoreCase);
    }

    private static DriverCounters Run(GraphBuilder g, CudaSettings settings)
    {
        using Device device = CudaDevice.Open(settings);
        using GraphSession session = device.CreateSession(OnnxModel.Write(g));
        foreach (GraphPort port in session.Inputs.Concat(session.Outputs))
        {
            session.Bind<float>(port.Name, new float[port.Shape.Aggregate(1L, (product, dimension) => product * dimension)], port.Shape);
        }

        CudaStandIn.Reset();
        session.Run();
        return CudaStandIn.Counters;
    }
}
