using System.Runtime.Intrinsics;
using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Runtime.Sessions;

/// <summary>What this machine's runtime is and can do; found out by trying.</summary>
/// <param name="OnnxRuntimeVersion">For instance 1.31.0.</param>
/// <param name="Providers">Execution providers the library was built with; not all need work.</param>
/// <param name="CpuReason">Why a small graph does not run on the processor; null where it does.</param>
/// <param name="CudaWorks">A small graph ran on the first GPU.</param>
/// <param name="CudaReason">Why not; null where it works.</param>
/// <param name="Processors">Logical processors.</param>
/// <param name="VectorBits">Widest vectors the processor has: 128, 256 or 512.</param>
public sealed record RuntimeFacts(
    string OnnxRuntimeVersion, IReadOnlyList<string> Providers, string? CpuReason, bool CudaWorks, string? CudaReason, int Processors, int VectorBits)
{
    /// <summary>Looks at the machine; about 50 ms, more where CUDA starts.</summary>
    public static RuntimeFacts Collect()
    {
        OrtEnv environment = OrtEnv.Instance();
        string? reason = WhyNot(DeviceKind.Cuda);
        int bits = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
        return new RuntimeFacts(environment.GetVersionString(), environment.GetAvailableProviders(),
            WhyNot(DeviceKind.Cpu), reason is null, reason, Environment.ProcessorCount, bits);
    }

    private static string? WhyNot(DeviceKind kind)
    {
        try
        {
            using GraphSession session = SessionFactory.Create(Doubling(), new SessionSettings { Device = new Device(kind) });
            float[] result = new float[4];
            session.Bind<float>("x", new float[] { 1, 2, 3, 4 }, 4);
            session.Bind<float>("y", result, 4);
            session.Run();
            return result is [2, 4, 6, 8] ? null : $"a small graph computed wrong: {string.Join(", ", result)} for 2, 4, 6, 8";
        }
        catch (CloudsException failure)
        {
            return failure.InnerException is Exception inner ? OrtMessage.Plain(inner.Message) : failure.What;
        }
    }

    /// <summary>y = x + x over four floats.</summary>
    private static byte[] Doubling()
    {
        GraphBuilder g = new("doubling");
        Value x = g.Input("x", ElementType.Float, [4]);
        g.Output("y", g.Add(x, x));
        return OnnxModel.Write(g);
    }
}
